"""`interlude serve`: run a clinic, behind the same gate as `interlude check`."""

from __future__ import annotations

import argparse
from ipaddress import ip_address

from interlude.interfaces.cli import check
from interlude.interfaces.cli.clinic_data import add_data_argument, enter, writing
from interlude.interfaces.cli.failure import Failure
from interlude.interfaces.cli.server import Settings, add_serving_arguments, bind, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    add_serving_arguments(parser)
    parser.add_argument("--no-gateway", action="store_true", help="devices are served by `interlude gateway`")
    parser.add_argument("--tls-certificate", metavar="FILE", help="certificate chain for HTTPS")
    parser.add_argument("--tls-key", metavar="FILE", help="private key for HTTPS")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy on this machine ends HTTPS")
    parser.add_argument("--public-name", metavar="NAME", default="", help="host name in the browser's address")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def run(options: argparse.Namespace) -> int:
    if bool(options.tls_certificate) != bool(options.tls_key):
        raise Failure("--tls-certificate and --tls-key belong together")
    https = bool(options.tls_certificate) or options.behind_proxy
    if not is_loopback(options.host) and not options.tls_certificate:
        raise Failure(
            f"{options.host} can be reached from outside: add --tls-certificate and --tls-key, "
            "or listen on 127.0.0.1 behind a proxy (--behind-proxy)"
        )
    web_socket = bind(options.host, options.port)
    directory = enter(options.data, https=https, hosts=options.public_name)
    with writing(directory):
        findings = list(check.gate(directory, loopback_only=not https))
        check.show(findings, failures_only=True)
        if not check.passed(findings):
            raise Failure("not started: see above")
        port = web_socket.getsockname()[1]
        scheme = "https" if options.tls_certificate else "http"

        def ready() -> None:
            print(f"Serving {scheme}://{options.public_name or options.host}:{port}", flush=True)
            if not options.no_gateway:
                print(f"Devices: MLLP on {options.mllp_host}:{settings.mllp_port}", flush=True)

        settings = Settings(
            mllp_host=options.mllp_host,
            mllp_port=None if options.no_gateway else options.mllp_port,
            mllp_allow=tuple(options.mllp_allow),
            tls_certificate=options.tls_certificate,
            tls_key=options.tls_key,
            when_ready=ready,
        )
        serve(settings, web_socket)
    return 0
