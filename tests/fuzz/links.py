"""Links for walks: whatever answers with an appointment leads to all that can be done with one, and so on.

Schemathesis could infer links by itself, but most of what it finds here leads into optional filters; these lead from a
booking to its check-in, and from there into the room.
"""

import re
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def with_links(document: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The document with OpenAPI's links in its good answers, and how many there are."""
    takers: dict[str, list[tuple[str, str]]] = {}
    for path, operation in operations(document):
        for parameter in re.findall(r"{(\w+_id)}", path)[:1]:
            takers.setdefault(parameter.removesuffix("_id"), []).append((parameter, operation["operationId"]))
    made = 0
    for _, operation in operations(document):
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                continue
            links = {
                f"{thing} {target}": {"operationId": target, "parameters": {parameter: f"$response.body#{pointer}"}}
                for thing, pointer in things_in(document, answer, set(takers))
                for parameter, target in takers[thing]
                if target != operation["operationId"]
            }
            answer["links"], made = links, made + len(links)
    return document, made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path with each of its operations; streams end only when the program does, so they are not among them."""
    for path, item in document["paths"].items():
        if not path.startswith("/sse/"):
            yield from ((path, item[method]) for method in METHODS if method in item)


def things_in(document: dict[str, Any], answer: dict[str, Any], things: set[str]) -> Iterator[tuple[str, str]]:
    """What an answer shows one of, and where its id stands: (`visit`, `/data/id`)."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for shape, _ in shapes(document, schema):
        for name, inner in shape.get("properties", {}).items():
            for known, title in shapes(document, inner):
                if "id" in known.get("properties", {}):
                    yield from ((it, f"/{name}/id") for it in things if it.replace("_", "") in title.lower())


def shapes(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """The named shapes that a schema allows."""
    for one in schema.get("anyOf", [schema]):
        if "$ref" in one:
            title = one["$ref"].rsplit("/", 1)[1]
            yield document["components"]["schemas"][title], title
