"""The address that the server listens on."""

import socket


class PortTaken(Exception):
    """Nobody can listen there; the message is one line for people."""


def free_port(host: str, port: int) -> int:
    """
    `port` when it can be listened on, a free one for 0.

    Asked before anything is started, so that a taken port is one clear line. Raises PortTaken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        reason = error.strerror or str(error)
        raise PortTaken(
            f"cannot listen on {host}:{port} ({reason.lower()}); choose another with PORT=… or HOST=…"
        ) from None


def reachable_url(host: str, port: int) -> str:
    """Where a client on this machine finds a server that listens on `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
