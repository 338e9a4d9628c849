"""A key-value cache that grows in place. Imported only in the child.

transformers' own copies every layer's keys and values with each new token: of thau-nano's time a twenty-fifth in an
empty conversation, a fifth in one of 1,000 tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

BLOCK = 256  # tokens that a layer's memory grows by


class GrowingLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values `(batch, heads, tokens, head size)`: the beginning of memory that has room for more.

    Whatever shortens them (`crop`) leaves a view of that beginning, and the next tokens are written behind it.
    """

    keys: Any
    values: Any

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the new tokens' and return all."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        length = self.get_seq_length()
        self.keys = self._added("_key_room", self.keys, key_states, length)
        self.values = self._added("_value_room", self.values, value_states, length)
        return self.keys, self.values

    def _added(self, name: str, kept: torch.Tensor, new: torch.Tensor, length: int) -> torch.Tensor:
        end = length + new.shape[-2]
        room: torch.Tensor | None = getattr(self, name, None)
        if room is None or end > room.shape[-2] or (length and kept.data_ptr() != room.data_ptr()):
            room = new.new_empty((*new.shape[:-2], -(-end // BLOCK) * BLOCK, new.shape[-1]))
            if length:
                room[..., :length, :] = kept
            setattr(self, name, room)
        room[..., length:end, :] = new
        return room[..., :end, :]


def growing_cache(config: Any) -> DynamicCache:
    """The cache that transformers makes for a model's config, its plain layers growing in place."""
    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache
