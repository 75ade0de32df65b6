"""The one door to chat models: LangChain's `init_chat_model`, with our errors, retries, deadline and counts.

A `ChatModel` is opened once; each answer begins its own `Calls`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from assistant.calls import Calls
from assistant.errors import ModelRefused
from assistant.model_settings import ModelSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_EXTRAS = {"google_genai": "google", "mistralai": "mistral"}
_KEYS = {
    "openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
}  # fmt: skip
_RETRIES = frozenset({"openai", "anthropic", "google_genai", "mistralai"})
"""Providers whose class takes `max_retries`: theirs are switched off, so that ours count them all."""


class ChatModel:
    """A chat model by the name it was asked for, `provider:name`."""

    def __init__(self, model: BaseChatModel, name: str, settings: ModelSettings) -> None:
        self.model = model
        self.name = name
        self.settings = settings

    def begin(self) -> Calls:
        """The calls of one answer; its deadline runs from now."""
        return Calls(self.model, self.name, self.settings)


def open_chat_model(name: str, settings: ModelSettings) -> ChatModel:
    """Open `provider:name`. Raises ModelRefused where the provider, its package or its key is missing.

    Nothing is sent: whether the key is right and the server there, the first question shows.
    """
    from langchain.chat_models import init_chat_model

    provider, colon, _ = name.partition(":")
    if not colon:
        raise ModelRefused(f"HKVA_MODEL={name!r} names no provider. Write provider:name, such as openai:gpt-5-mini.")
    arguments: dict[str, Any] = {"max_tokens": settings.model_max_tokens}
    if settings.model_temperature is not None:
        arguments["temperature"] = settings.model_temperature
    if settings.model_url:
        arguments["base_url"] = settings.model_url
    if provider in _RETRIES:
        arguments["max_retries"] = 0
    if provider == "openai":
        arguments["stream_usage"] = True
    key = _key(provider, settings)
    if key:
        arguments["api_key"] = key
    if provider == "ollama":
        arguments["num_predict"] = arguments.pop("max_tokens")
    try:
        return ChatModel(init_chat_model(name, **arguments), name, settings)
    except ImportError as error:
        extra = _EXTRAS.get(provider, provider)
        raise ModelRefused(f'{name} needs a package. Run: pip install "hkva-assistant[{extra}]"') from error
    except (ValueError, TypeError) as error:
        raise ModelRefused(f"{name} cannot be opened ({type(error).__name__}). Check HKVA_MODEL's settings.") from error


def _key(provider: str, settings: ModelSettings) -> str:
    own = settings.model_key.get_secret_value()
    variable = _KEYS.get(provider)
    if own or variable is None or os.environ.get(variable):
        return own
    if settings.model_url:
        return "none"  # A server of one's own mostly asks for none, but the clients insist on one.
    raise ModelRefused(f"There is no key for {provider}. Set HKVA_MODEL_KEY or {variable}.")
