"""A conversation's turns: the loop, the token budget, the parser of tool calls."""
