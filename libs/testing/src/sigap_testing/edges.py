"""The edge of a cluster on one machine: nginx if it is installed, otherwise the small proxy of the test kit."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sigap_cli.edge_routes import nginx_site, pages
from sigap_common.app.manifest import AnyService
from sigap_common.app.site import Site
from sigap_testing.supervised import Supervised

_NGINX = """# One process: a killed master would leave its workers behind.
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
client_body_temp_path {folder}/bodies;
proxy_temp_path {folder}/answers;
fastcgi_temp_path {folder}/none; uwsgi_temp_path {folder}/none; scgi_temp_path {folder}/none;
{site}
# What the supervisor asks; every other operations path stays unknown here.
server {{ listen {alive}; location = /readyz {{ return 200; }} }}
}}
"""


class Edge(Supervised):
    """The process of the edge. Its own address (`alive`) only answers whether it is up."""


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


def edge(
    services: Sequence[AnyService],
    sites: Sequence[Site],
    addresses: Mapping[str, str],
    listen: str,
    alive: str,
    folder: Path,
    log: Path,
) -> Edge:
    """An edge that is not started yet. `addresses` (of services and sites), `listen` and `alive` are host:port."""
    folder.mkdir(parents=True, exist_ok=True)
    binary = nginx()
    if binary is None:
        command = _small_edge(services, sites, addresses, listen, alive, folder / "routes.json")
    else:
        configuration = folder / "nginx.conf"
        site = nginx_site(services, addresses, listen, sites=sites)
        configuration.write_text(_NGINX.format(folder=folder, site=site, alive=alive))
        command = [binary, "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    return Edge("edge", command, log, f"http://{alive}", dict(os.environ))


def _small_edge(
    services: Sequence[AnyService],
    sites: Sequence[Site],
    addresses: Mapping[str, str],
    listen: str,
    alive: str,
    file: Path,
) -> list[str]:
    owners = {path: addresses[service.name] for service in services for path in service.paths()}
    owners |= {path: addresses[name] for path, name in pages(services, sites).items()}
    file.write_text(json.dumps({"listen": listen, "alive": alive, "owners": owners}))
    return [sys.executable, "-m", "sigap_testing.small_edge", str(file)]
