"""In the team's chat: messages of Slack, Telegram, Lark and Teams in, one cited reply out."""
