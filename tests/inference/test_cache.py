"""The cache that grows in place holds what transformers' own holds."""

from __future__ import annotations

import torch
from transformers import DynamicCache, LlamaConfig, MistralConfig

from thau_desktop.inference.cache import BLOCK, GrowingLayer, growing_cache

CONFIG = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}


def states(tokens: int) -> torch.Tensor:
    return torch.randn(1, 2, tokens, 8)


def test_it_holds_the_same_through_growth_crops_and_new_ends() -> None:
    ours, theirs = growing_cache(LlamaConfig(**CONFIG)), DynamicCache(config=LlamaConfig(**CONFIG))
    for tokens, surplus in ((3, 0), (1, 0), (BLOCK, 7), (1, 0), (5, 5), (2 * BLOCK, 100), (1, 0)):
        for layer in range(2):
            keys, values = states(tokens), states(tokens)
            got = ours.update(keys, values, layer)
            for mine, other in zip(got, theirs.update(keys, values, layer), strict=True):
                assert torch.equal(mine, other)
        if surplus:
            ours.crop(-surplus)
            theirs.crop(-surplus)
        assert ours.get_seq_length() == theirs.get_seq_length()


def test_a_new_token_is_written_where_there_is_room_for_it() -> None:
    cache = growing_cache(LlamaConfig(**CONFIG))
    before, _ = cache.update(states(4), states(4), 0)
    after, _ = cache.update(states(1), states(1), 0)
    assert after.data_ptr() == before.data_ptr()


def test_a_layer_of_another_kind_stays_as_transformers_made_it() -> None:
    cache = growing_cache(MistralConfig(**CONFIG, num_key_value_heads=2, sliding_window=4))
    assert not any(isinstance(layer, GrowingLayer) for layer in cache.layers)
