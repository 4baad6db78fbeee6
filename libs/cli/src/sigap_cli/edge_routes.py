"""Makes the edge's configuration (nginx) from the manifests, so that each path goes to the service that owns it.

python -m sigap_cli.edge_routes > deploy/compose/nginx.conf
python -m sigap_cli.edge_routes host > deploy/systemd/nginx.conf

The operations paths (/healthz, /readyz, /metrics) are not under /v1 and are never routed. Each service serves its own
documentation; the first service serves the documentation's first page and its files.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import iter_route_contexts

from sigap_common.app.connections import ConnectionLimits
from sigap_common.app.manifest import AnyService, services
from sigap_common.app.site import Site, sites
from sigap_common.core.errors import HeadersTooLarge, NotFound, Problem, TooLarge, Unavailable
from sigap_common.http.documentation import SERVICES
from sigap_common.http.problems import problem_response
from sigap_common.http.public_origin import NO_STORE, PROTECTION

MIB = 1024 * 1024
COMPOSE_PORT = 8112
HOST_ADDRESS = "127.0.0.1:8112"
"""Where the single host listens behind the edge of its own machine."""
_STREAM_SECONDS = 3600
_ANSWER_SECONDS = 30
_CONNECT_SECONDS = 2
# Below uvicorn's own 5 s. Otherwise nginx could send a request on a connection that is just being closed.
_IDLE_SECONDS = 4
_LIMITS = ConnectionLimits()
_CLIENT_SECONDS = int(_LIMITS.seconds)
_CLIENTS = "sigap_clients"
_PROBLEMS: Mapping[str, Problem] = {
    "not_found": NotFound(),
    "too_large": TooLarge(),
    "headers_too_large": HeadersTooLarge(),
    "away": Unavailable(retry_after=1),
}


@dataclass(frozen=True, slots=True)
class Routes:
    """The facts about one service's API that an edge needs."""

    service: str
    collections: tuple[str, ...]
    """Paths below which everything is the service's, such as `/v1/calls`."""
    streams: tuple[str, ...]
    """Templates of the paths that answer with Server-Sent Events."""
    largest_bodies: Mapping[str, int]
    """The largest body in bytes, for collections with routes that accept more than usual."""


def routes_of(service: AnyService) -> Routes:
    streams: set[str] = set()
    bodies: dict[str, int] = {}
    for path, route in _routes(service):
        if _answers_events(route):
            streams.add(path)
        limit = getattr(route, "max_body_size", None)
        if limit is not None and limit > MIB:
            collection = "/".join(path.split("/")[:3])
            bodies[collection] = max(limit, bodies.get(collection, 0))
    return Routes(service.name, tuple(service.paths()), tuple(sorted(streams)), dict(sorted(bodies.items())))


def _routes(service: AnyService) -> Iterator[tuple[str, Any]]:
    for router in service.routers:
        for route in iter_route_contexts(router.routes):
            yield route.path or "", route


def _answers_events(route: Any) -> bool:
    answer = getattr(route, "response_class", None)
    return getattr(answer, "media_type", None) == "text/event-stream"


def nginx_locations(services: Sequence[AnyService], upstreams: Mapping[str, str], sites: Sequence[Site] = ()) -> str:
    """The `location` blocks; `upstreams` says for each service what to pass to: `name`, `host:port`, `$variable`."""
    routes = [routes_of(service) for service in services]
    blocks = [_stream(r, upstreams[r.service]) for r in routes if r.streams]
    blocks += [_large(path, size, upstreams[r.service]) for r in routes for path, size in r.largest_bodies.items()]
    blocks += [_collections(r, upstreams[r.service]) for r in routes]
    blocks += [_location(f"~ ^{path}(/|$)", upstreams[owner]) for path, owner in pages(services, sites).items()]
    return "\n".join(blocks)


def documented(services: Sequence[AnyService]) -> dict[str, str]:
    """The service of each path of the documentation, longer paths first."""
    pages = {f"{SERVICES}/{service.name}": service.name for service in services}
    return pages | dict.fromkeys(("/docs", "/"), services[0].name)


def pages(services: Sequence[AnyService], sites: Sequence[Site]) -> dict[str, str]:
    """The service or site of each path outside the API, longer paths first."""
    found = {site.prefix: site.name for site in sites} | documented(services)
    return found | next(({"/": site.name} for site in sites if site.entrance), {})


def _stream(routes: Routes, upstream: str) -> str:
    paths = "|".join(_pattern(path) for path in routes.streams)
    return _location(
        f"~ ^({paths})$", upstream, "proxy_buffering off;", "gzip off;", f"proxy_read_timeout {_STREAM_SECONDS}s;"
    )


def _large(path: str, size: int, upstream: str) -> str:
    return _location(f"~ ^{_pattern(path)}(/|$)", upstream, f"client_max_body_size {size};")


def _collections(routes: Routes, upstream: str) -> str:
    names = "|".join(_pattern(path.removeprefix("/v1/")) for path in routes.collections)
    return _location(f"~ ^/v1/({names})(/|$)", upstream)


def _location(match: str, upstream: str, *directives: str) -> str:
    # Quoted: a pattern may hold braces and semicolons.
    kind, _, pattern = match.partition(" ")
    lines = [f'location {kind} "{pattern}" {{', *(f"    {d}" for d in directives), f"    proxy_pass http://{upstream};"]
    return "\n".join([*lines, "}"])


def _pattern(path: str) -> str:
    return "[^/]+".join(re.escape(part).replace(r"\-", "-") for part in re.split(r"\{[^{}]*\}", path))


def nginx_site(
    services: Sequence[AnyService],
    addresses: Mapping[str, str],
    listen: str,
    *,
    resolver: str | None = None,
    access_log: str = "off",
    sites: Sequence[Site] = (),
    more: Sequence[str] = (),
) -> str:
    """What goes into nginx's `http` block: the whole single origin.

    `addresses`: host:port of each service and site; `more`: further directives of the server, such as its certificate.
    With a `resolver` names are looked up anew every 5 s, so that nginx starts before the services and follows a
    container to its next address; without one they are looked up once, and connections are kept.
    """
    served = [*(service.name for service in services), *(site.name for site in sites)]
    names = {name: f"sigap_{name.replace('-', '_')}" for name in served}
    passed = {service: f"${name}" if resolver else name for service, name in names.items()}
    server = [
        f"listen {listen};",
        "server_tokens off;",
        f"access_log {access_log};",
        *((f"resolver {resolver} valid=5s ipv6=off;",) if resolver else ()),
        *(f"set ${name} {addresses[service]};" for service, name in names.items() if resolver),
        *more,
        _SERVER.strip(),
        nginx_locations(services, passed, sites),
        *(_problem_location(name, problem) for name, problem in _PROBLEMS.items()),
        "location / {\n    return 404;\n}",
    ]
    upstreams = "" if resolver else "".join(_upstream(names[s], addresses[s]) for s in names)
    problems = "".join(_problem_text(name, problem) for name, problem in _PROBLEMS.items())
    return f"{_LANGUAGE}{_ZONE}{problems}{upstreams}server {{\n{_indented(server)}}}\n"


_LANGUAGE = """map $http_accept_language $sigap_language {
    default id;
    "~*^en" en;
}
# Not the query: a stream's ticket is in it.
log_format sigap '$time_iso8601 $request_method $uri $status $request_time $request_id';
"""

_ZONE = f"limit_conn_zone $binary_remote_addr zone={_CLIENTS}:10m;\n"

# The limits are those of a service's own process (docs/platform.md). Three buffers of 21 kB are 63 kB of headers, and
# one of them holds the longest query that a service takes.
_SERVER = f"""
large_client_header_buffers 3 21k;
client_header_timeout {_CLIENT_SECONDS}s;
client_body_timeout {_CLIENT_SECONDS}s;
send_timeout {_CLIENT_SECONDS}s;
limit_conn {_CLIENTS} {_LIMITS.per_client};
client_max_body_size {MIB};
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_connect_timeout {_CONNECT_SECONDS}s;
proxy_read_timeout {_ANSWER_SECONDS}s;
error_page 404 @not_found;
error_page 413 @too_large;
error_page 414 494 = /headers_too_large;
error_page 502 503 504 = @away;
"""


def _upstream(name: str, address: str) -> str:
    return (
        f"upstream {name} {{\n    server {address} max_fails=0;\n"
        f"    keepalive 32;\n    keepalive_timeout {_IDLE_SECONDS}s;\n}}\n"
    )


def _problem_text(name: str, problem: Problem) -> str:
    lines = [f"map $sigap_language $sigap_{name} {{"]
    for language in ("id", "en"):
        scope = {"type": "http", "headers": [(b"accept-language", language.encode())]}
        document = bytes(problem_response(problem, scope).body).decode()
        document = document[:-1] + ', "trace_id": "$request_id"}'
        lines.append(f"    {language} '{document.replace(chr(39), chr(92) + chr(39))}';")
    return "\n".join([*lines, "}\n"])


def _problem_location(name: str, problem: Problem) -> str:
    headers = {"Content-Language": "$sigap_language", "Vary": "Accept-Language", **problem.headers}
    headers |= PROTECTION | NO_STORE
    # A request whose head could not be read has no path, and nginx leads such a one to no named location.
    place = [f"location = /{name} {{", "    internal;"] if problem.status == 431 else [f"location @{name} {{"]
    return "\n".join(
        [
            *place,
            "    default_type application/problem+json;",
            *(f"    add_header {key} {value} always;" for key, value in headers.items()),
            f"    return {problem.status} $sigap_{name};",
            "}",
        ]
    )


def _indented(blocks: Sequence[str]) -> str:
    return "".join(f"    {line}\n" for block in blocks for line in block.splitlines())


def compose_site() -> str:
    """deploy/compose/nginx.conf: each container has its service's name."""
    installed = services()
    pages_too = sites()
    names = [*(one.name for one in installed), *(one.name for one in pages_too)]
    addresses = {name: f"{name}:{COMPOSE_PORT}" for name in names}
    return _MADE.format("") + nginx_site(
        installed,
        addresses,
        f"{COMPOSE_PORT}",
        resolver="127.0.0.11",
        access_log="/dev/stdout sigap",
        sites=pages_too,
    )


def host_site() -> str:
    """deploy/systemd/nginx.conf: TLS before the single host on the same machine."""
    installed = services()
    pages_too = sites()
    addresses = dict.fromkeys((*(one.name for one in installed), *(one.name for one in pages_too)), HOST_ADDRESS)
    first = _MADE.format(" host") + "# The name of the host and its certificate are in /etc/nginx/sigap-tls.conf.\n"
    return (
        first
        + nginx_site(
            installed,
            addresses,
            "443 ssl http2",
            access_log="/var/log/nginx/sigap.log sigap",
            sites=pages_too,
            more=_TLS,
        )
        + _TO_TLS
    )


_MADE = "# Made by `python -m sigap_cli.edge_routes{}` from the services' manifests; do not edit.\n"

_TLS = (
    "listen [::]:443 ssl http2;",
    "include /etc/nginx/sigap-tls.conf;",
    "ssl_protocols TLSv1.2 TLSv1.3;",
    "ssl_session_cache shared:sigap_tls:10m;",
    "add_header Strict-Transport-Security max-age=31536000 always;",
)

_TO_TLS = """# Requests without TLS are led to it; certbot answers its authority here (HTTP-01).
server {
    listen 80;
    listen [::]:80;
    server_tokens off;
    access_log off;
    location /.well-known/acme-challenge/ {
        root /var/www/letsencrypt;
    }
    location / {
        return 308 https://$host$request_uri;
    }
}
"""


if __name__ == "__main__":
    print(host_site() if sys.argv[1:] == ["host"] else compose_site(), end="")
