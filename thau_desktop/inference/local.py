"""A model folder run by transformers in a child, one version after the other on the same base."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from thau_desktop.inference.child_backend import ChildBackend
from thau_desktop.inference.host import Host, HostOptions


@dataclass
class _MakeHost:
    """Makes the host of a child that is started, or started again, with the options that hold then."""

    options: HostOptions

    def __call__(self) -> Host:
        return Host(self.options)


class LocalBackend(ChildBackend):
    """Attributes: `options`, what the child was told."""

    keeps_schema = False

    def __init__(self, options: HostOptions, *, log: Path | None = None) -> None:
        self.options = options
        self._factory = _MakeHost(options)
        super().__init__(options.name, self._factory, log)

    def use(self, options: HostOptions) -> None:
        """Go on with another adapter on the same base. Raises `ModelMissing` or `ModelBroken`."""
        assert self.has_base_of(options)
        if self._child.pid is not None:
            for _event in self._child.call("use", options.adapter, options.name):
                pass
        self.name, self.options = options.name, options
        self._factory.options = options

    def has_base_of(self, options: object) -> bool:
        """Whether these options differ from ours by the adapter alone."""
        return isinstance(options, HostOptions) and self.options == replace(
            options, name=self.options.name, adapter=self.options.adapter
        )
