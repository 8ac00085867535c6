"""The one error of the embedded servers."""


class ServicesFailed(RuntimeError):
    """The embedded servers cannot be had; the message is one line for people and names the log when there is one."""
