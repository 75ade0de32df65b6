"""The description of the HTTP interface as a page: the OpenAPI document in words. Pure; needs no script and no network.

Every address with what it takes, gives and may refuse; examples as they can be pasted; below them every shape, field
by field, to which the addresses link.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Json = Mapping[str, Any]
_PROBLEM = "application/problem+json"
_HEAD = """<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hkva: the HTTP interface</title>
<link rel="icon" href="web/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="web/style.css">
<link rel="stylesheet" href="web/reference.css">
<script src="web/theme.js"></script>
</head>
<body class="reference">
<main>
<h1>The HTTP interface</h1>
<p>Ask under this server's own address. Where keys are set up, send <code>Authorization: Bearer KEY</code>. Every
refusal is a <a href="#Problem">Problem</a>, sent as <code>application/problem+json</code>. The same for programs:
<a href="openapi.json">openapi.json</a>. People ask at <a href="./">the chat page</a>.</p>
"""


def reference_page(document: Json) -> str:
    """The page for an OpenAPI document."""
    shapes = document["components"]["schemas"]
    operations = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    links = "".join(f"<li>{_link(method, path)}</li>" for method, path, _ in operations)
    parts = [_HEAD, f'<nav aria-label="Addresses"><ul>{links}</ul></nav>']
    parts += [_operation(method, path, operation, shapes) for method, path, operation in operations]
    parts.append("<h2>Shapes</h2>")
    parts += [_shape(name, shape) for name, shape in sorted(shapes.items())]
    return "\n".join([*parts, "</main>", "</body>", "</html>", ""])


def _anchor(method: str, path: str) -> str:
    return f"{method}-{path.strip('/')}".replace("/", "-").replace("{", "").replace("}", "").replace(".", "-")


def _link(method: str, path: str) -> str:
    return f'<a href="#{_anchor(method, path)}"><b>{method.upper()}</b> {escape(path)}</a>'


def _operation(method: str, path: str, operation: Json, shapes: Json) -> str:
    heading = f'<h2 id="{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></h2>'
    parts = [heading, f"<p>{_said(operation.get('description', ''))}</p>"]
    parameters = operation.get("parameters", ())
    if parameters:
        parts.append(_table(_parameter_rows(parameters)))
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content.get("schema", {})
        parts.append(f"<p>Takes {_type(schema)} as <code>{escape(kind)}</code>.</p>")
        parts += [_example(path, each) for each in _examples(schema, shapes)]
    rows = [(escape(code), _response(response)) for code, response in operation["responses"].items()]
    parts.append(_table([("<b>Status</b>", "<b>Answer</b>"), *rows]))
    return f"<section>{''.join(parts)}</section>"


def _parameter_rows(parameters: Sequence[Json]) -> Iterator[tuple[str, ...]]:
    for one in parameters:
        needed = "needed" if one.get("required") else _default(one["schema"])
        name = f"<code>{escape(one['name'])}</code>"
        described = one.get("description") or one["schema"].get("description", "")
        yield name, f"{escape(one['in'])}, {_type(one['schema'])}", needed, _said(described)


def _response(response: Json) -> str:
    kinds = [
        f"{_type(content.get('schema', {}))} as <code>{escape(kind)}</code>"
        for kind, content in response.get("content", {}).items()
        if kind != _PROBLEM  # what the page's head says of all of them
    ]
    return "<br>".join([_said(response.get("description", "")), *kinds])


def _shape(name: str, shape: Json) -> str:
    about = f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3><p>{_said(shape.get("description", ""))}</p>'
    if "properties" not in shape:
        return f"<section>{about}<p>{_type(shape)}</p></section>"
    required = shape.get("required", ())
    rows = [
        (f"<code>{escape(field)}</code>", _type(schema), "always" if field in required else _default(schema),
         _said(schema.get("description", "")))
        for field, schema in shape["properties"].items()
    ]  # fmt: skip
    return f"<section>{about}{_table(rows)}</section>"


def _type(schema: Json) -> str:
    """What a value is, with links to shapes."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(one) for one in schema[several])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(schema.get("format") or schema.get("type") or "anything")


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default is None else f"else <code>{escape(json.dumps(default, ensure_ascii=False))}</code>"


def _examples(schema: Json, shapes: Json) -> Sequence[Json]:
    named = shapes.get(schema.get("$ref", "").rpartition("/")[2], schema)
    examples: Sequence[Json] = named.get("examples", ())
    return examples


def _example(path: str, body: Json) -> str:
    told = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    call = f"curl http://127.0.0.1:8000{path} -H 'Content-Type: application/json' -d '{told}'"
    return f'<pre tabindex="0">{escape(call)}</pre>'


def _table(rows: Sequence[tuple[str, ...]] | Iterator[tuple[str, ...]]) -> str:
    shown = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table>{shown}</table></div>'


def _said(text: str) -> str:
    """A description: its `names` as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
