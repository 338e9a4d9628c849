"""Schemathesis over the OpenAPI document: no 5xx, no answer that the document does not describe.

`THAU_SCHEMA_CASES=80 python -m pytest tests/api/test_schema.py` makes more than 2,000 cases; a few
show that nothing broke.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import PATIENCE, Service

CASES = int(os.environ.get("THAU_SCHEMA_CASES", "3"))  # of each operation, good ones and as many bad ones
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# A training takes minutes: it is refused or begun in tests of its own.
LEFT_OUT = r"^/training/force$"
DRAWS = {"POST /vision/generate", "POST /v1/images/generations"}
# The largest picture of a hundred steps, or a thousand words, says no more than small ones do.
QUICK: dict[str, dict[str, Any]] = {
    "POST /vision/generate": {"width": 256, "height": 256, "num_inference_steps": 10, "model": ""},
    "POST /v1/images/generations": {"size": "256x256", "n": 1, "model": None},
    "POST /v1/chat/completions": {"max_tokens": 4, "max_completion_tokens": 4},
    "POST /api/chat": {"options": {"num_predict": 4}},
    "POST /chat": {"tools": "off"},
}


@pytest.mark.timeout(3600)
def test_every_answer_is_as_the_document_says(service: Service) -> None:
    answer = httpx.get(f"{service.url}/openapi.json", headers=service.headers)
    document = schemathesis.openapi.from_dict(answer.json()).exclude(path_regex=LEFT_OUT)
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    for found in document.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
                continue
            try:
                began = time.monotonic()
                _try(operation, mode, service, tried)
                print(f"{operation.label} {mode.value}: {time.monotonic() - began:.1f} s", flush=True)
            except (Exception, BaseExceptionGroup) as problem:  # noqa: BLE001 - all of them are told at the end
                told = "\n".join(str(one) for one in getattr(problem, "exceptions", [problem]))
                wrong.append(f"{operation.label}, {mode.value}: {told}"[:2000])
    assert not wrong, "\n\n".join(wrong)
    assert sum(tried.values()) >= 20 * min(CASES, 10) and {"GET /status", "POST /v1/chat/completions"} <= set(tried)
    print(f"{sum(tried.values())} cases of {len(tried)} operations")


def _try(operation: Any, mode: GenerationMode, service: Service, tried: Counter[str]) -> None:
    @settings(
        max_examples=max(1, CASES // 10) if operation.label in DRAWS and mode is GenerationMode.POSITIVE else CASES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: schemathesis.Case) -> None:
        if mode is GenerationMode.NEGATIVE and operation.label in DRAWS and not _bad_body(case):
            return  # bad is only its token, which is added here: it would be drawn
        tried[operation.label] += 1
        if not _bad_body(case) and isinstance(case.body, dict):
            case.body.update(QUICK.get(operation.label, {}))
        response = case.call(base_url=service.url, headers=service.headers, timeout=PATIENCE)
        # What is too large is refused before anybody looks at it, which schemathesis does not count as a refusal.
        judged = _bad_body(case) and response.status_code != httpx.codes.REQUEST_ENTITY_TOO_LARGE
        case.validate_response(response, checks=[*CHECKS, negative_data_rejection] if judged else CHECKS)

    each()


def _bad_body(case: schemathesis.Case) -> bool:
    """Whether the body is what makes it bad: an unknown query, or a token that is added here, may well be let pass."""
    parts = case.meta.components if case.meta is not None else {}
    return any(part == ParameterLocation.BODY and info.mode is GenerationMode.NEGATIVE for part, info in parts.items())
