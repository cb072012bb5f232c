"""Requests and answers against an OpenAPI 3.0 document, by jsonschema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import msgspec


class Shapes:
    """An OpenAPI document whose operations are found by method and path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas = {"components": {"schemas": _plain(document["components"]["schemas"])}}
        self._validators: dict[bytes, jsonschema.Draft202012Validator] = {}
        self.operations = {
            (method.upper(), path): operation
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method in {"get", "post", "put", "delete"}
        }

    def template(self, method: str, path: str) -> str | None:
        """Return the path of the operation that a call reaches, the most literal one."""
        fitting = [
            template
            for wanted, template in self.operations
            if wanted == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        ]
        return min(fitting, key=lambda one: one.count("{"), default=None)

    def faults_of_request(self, method: str, template: str, body: bytes) -> list[str]:
        """Return what is wrong with the body of a request."""
        asked = self.operations[method, template].get("requestBody")
        if asked is None:
            return [f"{method} {template} has no body"] if body.strip(b"{} ") else []
        schema = asked["content"]["application/json"]["schema"]
        return self._faults(schema, msgspec.json.decode(body or b"{}"))

    def faults_of_answer(self, method: str, template: str, status: int, body: object) -> list[str]:
        """Return what is wrong with an answer."""
        answers = self.operations[method, template]["responses"]
        answer = answers.get(str(status)) or answers.get(f"{status // 100}xx")
        if answer is None:
            return [f"{method} {template} never answers {status}"]
        content = answer.get("content")
        if content is None:
            return [] if body is None else [f"{method} {template} answers {status} without a body"]
        return self._faults(content["application/json"]["schema"], body)

    def _faults(self, schema: Mapping[str, Any], value: object) -> list[str]:
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in self._validator(msgspec.json.encode(schema)).iter_errors(value)
        ]

    def _validator(self, schema: bytes) -> jsonschema.Draft202012Validator:
        if schema not in self._validators:
            whole = {**_plain(msgspec.json.decode(schema)), **self._schemas}
            self._validators[schema] = jsonschema.Draft202012Validator(whole)
        return self._validators[schema]


def _plain(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema: `nullable` becomes a type, formats of numbers go."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        name: _plain(value) for name, value in schema.items() if name not in {"nullable", "example", "format"}
    }
    return _nullable(plain) if schema.get("nullable") is True else plain


def _nullable(plain: dict[str, Any]) -> dict[str, Any]:
    if "enum" in plain:
        plain["enum"] = [*plain["enum"], None]
    if isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
        return plain
    return {"anyOf": [plain, {"type": "null"}]}


def below(document: Mapping[str, Any], *prefixes: str) -> Iterator[tuple[str, str]]:
    """Yield the operations whose paths begin with a prefix."""
    for path, methods in document["paths"].items():
        if path.split("/")[1] in prefixes:
            yield from (
                (method.upper(), path) for method in methods if method in {"get", "post", "put", "delete"}
            )
