"""Whatever is sent, no answer is a failure of ours. `HKVA_FUZZ_EXAMPLES` sets how much is tried for each address."""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

EXAMPLES = int(os.environ.get("HKVA_FUZZ_EXAMPLES", "6"))
_BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_every_address_keeps_to_its_description(address: str) -> None:
    document = httpx.get(f"{address}/openapi.json", timeout=30).raise_for_status().json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=address)
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    tried = 0
    # One address writes the library, which other tests share.
    for found in schema.exclude(path="/v1/documents").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @_BOUNDED
        @given(case=operation.as_strategy())
        def check(case: Case[Any]) -> None:
            case.call_and_validate(checks=checks, timeout=30)

        check()
        tried += 1
    assert tried > 20


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = ("question", "session_id", "as_of", "language", "scope", "stream", "model", "messages", "answer_id", "urls")
_BODIES = st.one_of(_JSON, st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=6), st.binary(max_size=200))
_PATHS = ("/v1/chat", "/v1/chat/completions", "/v1/feedback", "/v1/documents", "/mcp")


@pytest.mark.parametrize("path", _PATHS)
def test_no_malformed_body_is_a_failure_of_ours(client: httpx.Client, path: str) -> None:
    @_BOUNDED
    @given(body=_BODIES, kind=st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=x"]))
    def check(body: object, kind: str) -> None:
        content = body if isinstance(body, bytes) else _written(body)
        response = client.post(path, content=content, headers={"Content-Type": kind})
        assert response.status_code < 500, response.text
        assert "Traceback" not in response.text

    check()


def _written(body: object) -> bytes:
    """JSON as a careless client writes it: NaN and halves of surrogate pairs included."""
    return json.dumps(body).encode()
