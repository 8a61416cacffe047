"""The root surface: the bare paths of seeds 000 and 003, in snake_case and without an envelope.

It is thin: it says the same things to the same actions in other words, and knows no rule of its own.
"""

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from outpatient import __version__
from outpatient.compat import book
from outpatient.compat.booking import routes as booking
from outpatient.compat.reception.routes import RECEPTION
from outpatient.compat.words import in_seed_words, say_in_seed_words
from outpatient.core.errors import Invalid, Problem
from outpatient.http.description import describe_at
from outpatient.http.document import BARE_REFUSALS, describe
from outpatient.http.errors import BARE, field_errors

ROUTERS: tuple[APIRouter, ...] = (book.router, booking.router, *RECEPTION)


def create_compat() -> FastAPI:
    """The app that answers whatever path no other surface has."""
    compat = FastAPI(
        title="Outpatient: the root surface",
        version=__version__,
        description="The paths of two older systems, word for word. New clients use `/api/v1`.",
        docs_url=None,
        openapi_url="/compat/openapi.json",
        responses=BARE_REFUSALS,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    BARE.install(compat)

    @compat.exception_handler(Problem)
    async def on_refused(_request: Request, refused: Problem) -> JSONResponse:
        return BARE.of_problem(say_in_seed_words(refused))

    @compat.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, refused: RequestValidationError) -> JSONResponse:
        said = {field: in_seed_words(why) for field, why in field_errors(refused.errors()).items()}
        return BARE.of_problem(Invalid(details=said))

    for router in ROUTERS:
        compat.include_router(router)
    compat.openapi = describe(compat, BARE_REFUSALS)  # type: ignore[method-assign]
    describe_at(compat, "/compat/docs")
    return compat
