"""The one look of the small pages behind links in messages: no script, no picture, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1rem; display: grid; place-items: center; min-height: calc(100vh - 2rem); }
main { width: min(100%, 26rem); }
h1 { font-size: 1rem; font-weight: 600; margin: 0; }
.amount { font-size: 2.5rem; font-weight: 650; line-height: 1.2; margin: 1.5rem 0 .25rem; }
.state { margin: 0 0 1.5rem; font-weight: 600; }
dl { margin: 0; border-top: 1px solid #8886; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .625rem 0; border-bottom: 1px solid #8886; }
dt { opacity: .75; } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.how { margin: 1.5rem 0 0; }
.ask { font-size: 1.5rem; font-weight: 650; line-height: 1.3; margin: 1.5rem 0 1rem; }
form { display: grid; gap: .75rem; margin: 1.5rem 0 0; }
button { font: inherit; font-weight: 600; padding: .75rem; border-radius: .5rem; border: 1px solid currentColor; }
button { color: inherit; background: none; cursor: pointer; }
textarea { font: inherit; width: 100%; box-sizing: border-box; margin: .375rem 0 0; }
.stars { display: grid; grid-template-columns: repeat(5, 1fr); gap: .5rem; }
.stars button { padding: .75rem 0; }
button.yes { color: #fff; background: #14694a; border-color: #14694a; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


NOWHERE, HERE = "'none'", "'self'"


def page(
    title: str,
    body: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    language: str = "en",
    form_action: str = NOWHERE,
) -> Response:
    """A whole page around a body that is HTML already; `form_action` is where its form may lead."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    html = f'<!doctype html><html lang="{language}"><head>{head}</head><body><main>{body}</main></body></html>'
    return HTMLResponse(html, status, {**headers_of(form_action), **(headers or {})})


def headers_of(form_action: str) -> dict[str, str]:
    """What browsers may do with a page."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
            f"base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
