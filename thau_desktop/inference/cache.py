"""Key-value caches that grow in place, whole or as a window. Imported only in the child.

transformers' own copy every layer's keys and values with each new token: of thau-nano's time a twenty-fifth in an
empty conversation, a fifth in one of 1,000 tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from thau_desktop.inference.precision import BLOCK, SINKS


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
        length = self.kept
        self.keys = self._added("_key_room", self.keys, key_states, length)
        self.values = self._added("_value_room", self.values, value_states, length)
        return self.keys, self.values

    @property
    def kept(self) -> int:
        """Of how many tokens the keys and values are here."""
        return int(DynamicLayer.get_seq_length(self))

    def can_crop(self, tokens: int) -> bool:
        """Whether the last `tokens` can be taken back, as if they had never been read."""
        return tokens <= self.kept

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


class WindowLayer(GrowingLayer):
    """Forgets what lies further back than a window, but for the first tokens, which attention leans on (StreamingLLM,
    Xiao et al. 2023, arXiv 2309.17453).

    What is forgotten is forgotten a block at a time, so that nothing is moved with each token: a token sees at least
    `window` before it, and up to a block more. Positions stay those of the whole text.
    """

    def __init__(self, window: int) -> None:
        super().__init__()
        self._window = window
        self._forgotten = 0

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the new tokens' and return all that is kept, then forget what they no longer need."""
        keys, values = super().update(key_states, value_states)
        surplus = self.kept - SINKS - self._window
        if surplus >= BLOCK:
            self.keys, self.values = (self._moved(each, surplus) for each in (keys, values))
            self._forgotten += surplus
        return keys, values

    def get_seq_length(self) -> int:
        """The tokens that were read, forgotten ones too: the next one's position."""
        return self.kept + self._forgotten

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How many keys there will be, and the position of the first: all of them lie before the new tokens."""
        return self.kept + query_length, self._forgotten

    def can_crop(self, tokens: int) -> bool:
        """Not so many, once something is forgotten, that little of the window is left."""
        return tokens <= (min(BLOCK, self._window // 2) if self._forgotten else self.kept)

    def reset(self) -> None:
        super().reset()
        self._forgotten = 0

    def _moved(self, kept: torch.Tensor, surplus: int) -> torch.Tensor:
        """The first tokens and the window, in memory of their own: what attention still looks at stays as it is."""
        return torch.cat([kept[..., :SINKS, :], kept[..., SINKS + surplus :, :]], dim=-2)


def growing_cache(config: Any, window: int = 0) -> DynamicCache:
    """The cache that transformers makes for a model's config, its plain layers growing in place; with a `window`, in
    tokens, as far as that. Layers that the model itself gave a window keep that one."""
    cache = DynamicCache(config=config)
    cache.layers = [
        (WindowLayer(window) if window else GrowingLayer()) if type(layer) is DynamicLayer else layer
        for layer in cache.layers
    ]
    return cache


def can_crop(cache: DynamicCache, tokens: int) -> bool:
    """Whether the last `tokens` that a cache has read can be taken back."""
    return all(
        layer.can_crop(tokens)
        if isinstance(layer, GrowingLayer)
        else layer.is_croppable and not getattr(layer, "is_sliding", False)
        for layer in cache.layers
    )
