"""What the HTTP server alone can do: the body is read, the answer is a constant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"predictions":[{"late":0,"probability":0.25}]}'


async def invocations(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


app = Starlette(routes=[Route("/invocations", invocations, methods=["POST"])])
