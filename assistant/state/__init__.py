"""What is kept between questions: sessions, answers, feedback, the bots' inbox, keys and the audit trail."""
