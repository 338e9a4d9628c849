"""The cache that grows in place holds what transformers' own holds."""

from __future__ import annotations

import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM, MistralConfig

from thau_desktop.inference.cache import GrowingLayer, can_crop, growing_cache
from thau_desktop.inference.precision import BLOCK, SINKS, kept_tokens

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


class Seen:
    """Which tokens each one looked at, as the window's layer would have it."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.rows: list[list[int]] = []

    def read(self, tokens: int, window: int) -> None:
        start = len(self.rows)
        self.kept += range(start, start + tokens)
        self.rows += [[place for place in self.kept if place <= own] for own in range(start, start + tokens)]
        surplus = len(self.kept) - SINKS - window
        if surplus >= BLOCK:
            del self.kept[SINKS : SINKS + surplus]

    def mask(self) -> torch.Tensor:
        mask = torch.full((len(self.rows), len(self.rows)), torch.finfo(torch.float32).min)
        for own, row in enumerate(self.rows):
            mask[own, row] = 0.0
        return mask[None, None]


def test_a_window_sees_the_first_tokens_and_the_last_and_no_others() -> None:
    torch.manual_seed(1)
    config = LlamaConfig(**CONFIG, vocab_size=40, attn_implementation="eager")
    model, ids, window, seen = LlamaForCausalLM(config).eval(), torch.randint(40, (1, 2 * BLOCK + 90)), 40, Seen()
    cache, logits, done = growing_cache(config, window), [], 0
    with torch.inference_mode():
        for tokens in (BLOCK, 80, *[1] * 20, BLOCK - 60, *[1] * 50):
            piece = ids[:, done : done + tokens]
            logits.append(model(piece, past_key_values=cache).logits)
            seen.read(tokens, window)
            done += tokens
        expected = model(ids, attention_mask=seen.mask()).logits
    assert done == ids.shape[1]
    assert len(seen.rows[-1]) < done  # something was forgotten
    assert window + SINKS <= len(seen.rows[-1]) <= window + SINKS + BLOCK
    torch.testing.assert_close(torch.cat(logits, dim=1), expected, atol=2e-5, rtol=0)
    assert cache.get_seq_length() == done


def test_a_window_gives_back_its_last_tokens_and_only_those() -> None:
    cache = growing_cache(LlamaConfig(**CONFIG), 100)
    for layer in range(2):
        cache.update(states(50), states(50), layer)
    assert can_crop(cache, 50)  # nothing is forgotten yet
    for layer in range(2):
        cache.update(states(2 * BLOCK), states(2 * BLOCK), layer)
    assert can_crop(cache, 50)
    assert not can_crop(cache, 51)
    cache.crop(-50)
    assert cache.get_seq_length() == 2 * BLOCK
    assert cache.layers[0].kept == SINKS + 50


def test_memory_of_a_window_is_bounded() -> None:
    cache = growing_cache(LlamaConfig(**CONFIG), 100)
    for _piece in range(20):
        cache.update(states(BLOCK), states(BLOCK), 0)
    assert cache.layers[0]._key_room.shape[-2] <= kept_tokens(10_000, 100)
