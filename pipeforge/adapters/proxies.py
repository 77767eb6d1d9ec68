"""Which proxy the environment wants to have between us and a host."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_of(base_url: str) -> str | None:
    """The proxy that the environment names for this host (HTTPS_PROXY, NO_PROXY and their kin)."""
    parts = urlsplit(base_url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
