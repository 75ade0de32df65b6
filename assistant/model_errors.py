"""What a provider's library raises, as our own errors.

Every provider has its own tree of exceptions, and we import none of them: a status code, where the error carries one,
says what happened; otherwise the names of its classes do. The messages never repeat what the provider said of a key,
nor the prompt.
"""

from __future__ import annotations

from assistant.errors import ModelError, ModelRefused, ModelUnavailable

_UNREACHABLE = frozenset(
    {
        "APIConnectionError", "APITimeoutError", "TransportError", "TimeoutException", "ConnectError", "NetworkError",
        "ServiceUnavailable", "DeadlineExceeded", "ProtocolError", "StreamChunkTimeoutError", "IncompleteRead",
    }
)  # fmt: skip
_TOO_LONG = ("context length", "context_length", "maximum context", "too long", "too many tokens", "context window")
_NO_QUOTA = ("insufficient_quota", "credit balance", "billing")


def as_model_error(error: BaseException, model: str) -> ModelError:
    """The error of ours for one that a provider's library raised while `model` was asked."""
    if isinstance(error, ModelError):
        return error
    status = _status(error)
    if status is not None and status >= 400:
        return _from_status(error, status, model)
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ContextOverflowError" in names:
        return _too_long(model)
    if names & _UNREACHABLE or isinstance(error, OSError | TimeoutError):
        return ModelUnavailable(f"{model} cannot be reached ({type(error).__name__}). Check HKVA_MODEL_URL; try again.")
    if "APIError" in names:
        # An error event within a stream: the connection stood, and the provider broke off.
        return ModelUnavailable(f"{model} broke off its reply ({type(error).__name__}). Try again.")
    return ModelRefused(
        f"{model} sent what its protocol does not allow ({type(error).__name__}). Check HKVA_MODEL_URL."
    )


def retry_after_s(error: BaseException) -> float | None:
    """The wait that a provider asks for in seconds; None where it names none."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    try:
        return max(0.0, float(headers["retry-after"])) if headers is not None else None
    except (KeyError, ValueError):
        return None


def _status(error: BaseException) -> int | None:
    for value in (getattr(error, "status_code", None), getattr(error, "code", None)):
        if isinstance(value, int):
            return value
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _from_status(error: BaseException, status: int, model: str) -> ModelError:
    said = str(error).lower()
    if status in (401, 403):
        return ModelRefused(f"{model} does not take the key ({status}). Set HKVA_MODEL_KEY to a valid one.")
    if status == 402 or (status == 429 and any(word in said for word in _NO_QUOTA)):
        return ModelRefused(f"{model} says that the account has no credit left ({status}). Top it up.")
    if status == 404:
        return ModelRefused(f"{model} is not known there (404). Check HKVA_MODEL and HKVA_MODEL_URL.")
    if status == 429:
        return ModelUnavailable(f"{model} is rate-limited (429). Try again later.")
    if status in (408, 409, 425) or status >= 500:
        return ModelUnavailable(f"{model} cannot answer now ({status}). Try again.")
    if status == 413 or any(word in said for word in _TOO_LONG):
        return _too_long(model)
    return ModelRefused(f"{model} refused the request ({status}, {type(error).__name__}). Check HKVA_MODEL's settings.")


def _too_long(model: str) -> ModelRefused:
    return ModelRefused(f"The prompt is too long for {model}. Lower HKVA_MODEL_EVIDENCE_CHARACTERS.")
