"""The studio over a real gallery and a scripted drawing, as its own tests have it."""

from tests.images.conftest import atelier, gallery

__all__ = ["atelier", "gallery"]
