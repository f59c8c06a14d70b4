"""OpenAPI 3.1, made from the table of endpoints and the types on the wire, and a page to read it on."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from padan.app.ports import Provider
from padan.web.api.endpoints import ENDPOINTS, Endpoint
from padan.web.pages.assets import asset_url
from padan.web.problem import Problem

_REF = "#/components/schemas/{name}"
_ERRORS = {
    "400": "A property of the request is wrong; see `errors`.",
    "401": "The access token is absent, unknown or revoked.",
    "403": "Unknown, another environment's, wrongly keyed, or not activated.",
    "503": "Nothing was stored; try again after `Retry-After` seconds.",
}


def build_openapi(providers: Mapping[str, Provider], *, version: str, public_url: str) -> dict[str, Any]:
    """The document. `providers` contribute the types of their input and output."""
    bodies = [kind for e in ENDPOINTS for kind in (e.body, e.answer) if kind is not None]
    extra = [kind for p in providers.values() for kind in (p.input_type, p.output_type)]
    _, components = msgspec.json.schema_components([*bodies, *extra, Problem], ref_template=_REF)
    _describe_providers(components, providers)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(_camel_path(endpoint.path), {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Padan",
            "version": version,
            "description": "What the Trinsic SDKs 3.x speak, served by Padan. Independent of Trinsic.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "security": [{"accessToken": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe_providers(components: dict[str, Any], providers: Mapping[str, Provider]) -> None:
    """Name what `providerInput` holds, and what `identityData` is made of."""
    inputs = {
        name: {"anyOf": [{"$ref": _REF.format(name=p.input_type.__name__)}, {"type": "null"}]}
        for name, p in providers.items()
    }
    for kind in ("CreateDirectSession", "CreateHostedSession"):
        components[kind]["properties"]["providerInput"] = {
            "anyOf": [{"type": "object", "properties": inputs}, {"type": "null"}]
        }
    outputs = [{"$ref": _REF.format(name=p.output_type.__name__)} for p in providers.values()]
    components["ResultsAnswer"]["properties"]["identityData"] = {"anyOf": [*outputs, {"type": "null"}]}


def _camel_path(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: "{" + _camel(m[1]) + "}", path)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    in_path = [
        {"name": _camel(name), "in": "path", "required": True, "schema": _path_schema(name)}
        for name in re.findall(r"\{(\w+)\}", endpoint.path)
    ]
    in_query = [{"name": name, "in": "query", "schema": schema} for name, schema in endpoint.query]
    operation: dict[str, Any] = {
        "operationId": endpoint.operation,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": in_path + in_query,
        "responses": _responses(endpoint),
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": {"$ref": _REF.format(name=endpoint.body.__name__)}}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.form:
        schema = {"type": "object", "properties": dict(endpoint.form), "required": ["Alias", "BrandName"]}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return operation


def _path_schema(name: str) -> dict[str, Any]:
    is_text = name in {"provider_id", "external_id"}
    return {"type": "string"} if is_text else {"type": "string", "format": "uuid"}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    success: dict[str, Any] = {"description": endpoint.summary}
    if endpoint.answer is not None:
        schema = {"$ref": _REF.format(name=endpoint.answer.__name__)}
        success["content"] = {"application/json": {"schema": schema}}
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    errors = {status: {"description": text, "content": problem} for status, text in _ERRORS.items()}
    return {str(endpoint.status): success, **errors}


def reference_page(document: Mapping[str, Any]) -> str:
    """The document as one plain HTML page that needs nothing from elsewhere."""
    rows = [
        f"<h2 id='{operation['operationId']}'><code>{method.upper()} {html.escape(path)}</code></h2>"
        f"<p>{html.escape(operation['summary'])}.</p>" + _types(operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    schemas = [
        f"<h3 id='{name}'>{name}</h3><p>{html.escape(schema.get('description', ''))}</p>"
        f"<pre>{html.escape(msgspec.json.format(msgspec.json.encode(schema)).decode())}</pre>"
        for name, schema in sorted(document["components"]["schemas"].items())
    ]
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Padan API reference</title>"
        "<meta name='viewport' content='width=device-width'>"
        f"<link rel='stylesheet' href='{asset_url('pages.css')}'></head>"
        "<body class='reference'><h1>Padan API reference</h1><p>Machine-readable: "
        "<a href='/openapi.json'>openapi.json</a>. Every call carries <code>Authorization: Bearer</code>.</p>"
        + "".join(rows)
        + "<h1>Types</h1>"
        + "".join(schemas)
        + "</body></html>"
    )


def _types(operation: Mapping[str, Any]) -> str:
    names = re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(operation).decode())
    links = " ".join(f"<a href='#{name}'>{name}</a>" for name in dict.fromkeys(names) if name != "Problem")
    return f"<p>Types: {links}</p>" if links else ""
