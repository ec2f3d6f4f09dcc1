"""The web application: which path leads where."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from ptt.switchboard.enrolment import EnrolmentService
from ptt.switchboard.exchange import Exchange
from ptt.switchboard.session import SessionService


def make_app(
    exchange: Exchange, sessions: SessionService, enrolment: EnrolmentService
) -> Starlette:
    """The application that the web server serves."""

    async def healthz(_request: Request) -> Response:
        """200 if somebody could talk now, 503 with the reason if not."""
        if exchange.state.is_ready:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "a floor server is not ready"}, 503)

    async def metrics(_request: Request) -> Response:
        return Response(exchange.metrics.text(), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            WebSocketRoute("/v1/session", sessions.serve),
            Route("/v1/enrol", enrolment.serve, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/metrics", metrics),
        ]
    )
