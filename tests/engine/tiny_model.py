#!/usr/bin/env python3
"""tests/engine/tiny_model.py - writes a tiny language model with random weights as a GGUF file.

A llama of two layers whose vocabulary is a few words and the 256 bytes. What it says makes no sense, but it is a model
like any other to the engine: tokenizer, chat template, attention, sampling. Usage: tiny_model.py FILE
"""
import random
import struct
import sys

WORDS = ("the a of to and in is it that for on with as was at by we you he she they not be are this from or have an but "
         "one all can will there their what so up out if about who get which go me make like time no just him know take "
         "patient letter ward model answer question home away").split()
ALIGNMENT = 32
WIDTH, LAYERS, HEADS, KV_HEADS, INNER, CONTEXT = 64, 2, 4, 2, 128, 1024
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6   # the token types of GGUF
TEMPLATE = ("{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}")

# GGUF's value types
U32, I32, F32, BOOL, TEXT, ARRAY = 4, 5, 6, 7, 8, 9


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def number(kind: int, value) -> bytes:
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], value)


def field(name: str, kind: int, value, item: int | None = None) -> bytes:
    """One line of metadata: its name, its type, its value."""
    head = text(name) + struct.pack("<I", kind)
    if kind == TEXT:
        return head + text(value)
    if kind == ARRAY:
        items = b"".join(text(v) if item == TEXT else number(item, v) for v in value)
        return head + struct.pack("<IQ", item, len(value)) + items
    return head + number(kind, value)


def vocabulary() -> tuple[list[str], list[float], list[int]]:
    tokens = ["<unk>", "<s>", "</s>"]
    types = [UNKNOWN, CONTROL, CONTROL]
    for byte in range(256):
        tokens.append(f"<0x{byte:02X}>")
        types.append(BYTE)
    for word in WORDS:
        tokens.append("\u2581" + word)   # how the tokenizer writes a space
        types.append(NORMAL)
    scores = [-float(i) for i in range(len(tokens))]
    return tokens, scores, types


def metadata() -> list[bytes]:
    tokens, scores, types = vocabulary()
    return [
        field("general.architecture", TEXT, "llama"),
        field("general.name", TEXT, "tiny random llama"),
        field("llama.context_length", U32, CONTEXT),
        field("llama.embedding_length", U32, WIDTH),
        field("llama.block_count", U32, LAYERS),
        field("llama.feed_forward_length", U32, INNER),
        field("llama.attention.head_count", U32, HEADS),
        field("llama.attention.head_count_kv", U32, KV_HEADS),
        field("llama.attention.layer_norm_rms_epsilon", F32, 1e-5),
        field("llama.rope.dimension_count", U32, WIDTH // HEADS),
        field("tokenizer.ggml.model", TEXT, "llama"),
        field("tokenizer.ggml.tokens", ARRAY, tokens, TEXT),
        field("tokenizer.ggml.scores", ARRAY, scores, F32),
        field("tokenizer.ggml.token_type", ARRAY, types, I32),
        field("tokenizer.ggml.unknown_token_id", U32, 0),
        field("tokenizer.ggml.bos_token_id", U32, 1),
        field("tokenizer.ggml.eos_token_id", U32, 2),
        field("tokenizer.ggml.add_space_prefix", BOOL, False),   # the template's text is taken as it stands
        field("tokenizer.chat_template", TEXT, TEMPLATE),
    ]


def tensors() -> dict[str, tuple[tuple[int, ...], list[float]]]:
    """Name -> (shape, values), the fastest dimension first."""
    chance = random.Random(20)
    kv_width = WIDTH // HEADS * KV_HEADS
    tokens, _, types = vocabulary()

    def matrix(columns: int, rows: int) -> tuple[tuple[int, ...], list[float]]:
        return (columns, rows), [chance.gauss(0, columns ** -0.5) for _ in range(columns * rows)]

    def ones() -> tuple[tuple[int, ...], list[float]]:
        return (WIDTH,), [1.0] * WIDTH

    out = {"token_embd.weight": matrix(WIDTH, len(tokens)), "output_norm.weight": ones(), "output.weight": matrix(WIDTH, len(tokens))}
    # The first number of every state is large, and what is no word pays for it: so the model speaks in words.
    for i, kind in enumerate(types):
        out["token_embd.weight"][1][i * WIDTH] = 8.0
        out["output.weight"][1][i * WIDTH] = 0.0 if kind == NORMAL else -10.0
    for n in range(LAYERS):
        out |= {
            f"blk.{n}.attn_norm.weight": ones(),
            f"blk.{n}.attn_q.weight": matrix(WIDTH, WIDTH),
            f"blk.{n}.attn_k.weight": matrix(WIDTH, kv_width),
            f"blk.{n}.attn_v.weight": matrix(WIDTH, kv_width),
            f"blk.{n}.attn_output.weight": matrix(WIDTH, WIDTH),
            f"blk.{n}.ffn_norm.weight": ones(),
            f"blk.{n}.ffn_gate.weight": matrix(WIDTH, INNER),
            f"blk.{n}.ffn_up.weight": matrix(WIDTH, INNER),
            f"blk.{n}.ffn_down.weight": matrix(INNER, WIDTH),
        }
    return out


def padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % ALIGNMENT)


def gguf() -> bytes:
    fields, weights = metadata(), tensors()
    directory, data = b"", b""
    for name, (shape, values) in weights.items():
        directory += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        directory += struct.pack("<IQ", 0, len(data))   # 0: 32-bit floats
        data += padded(struct.pack(f"<{len(values)}f", *values))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(fields)) + b"".join(fields) + directory
    return padded(head) + data


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], "wb") as file:
        file.write(gguf())
