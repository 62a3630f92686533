"""The checker: sound levels have no faults, and each kind of damage is found and named."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom import wad
from pydoom.data.infotables import load_info
from pydoom.fleetmap.build import build
from pydoom.fleetmap.check import check_level, notes
from pydoom.fleetmap.doomednums import DEMON
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft, DraftThing, Group
from pydoom.fleetmap.inhabit import inhabit
from pydoom.fleetmap.plan import plan
from pydoom.fleetmap.signs import sign_patches
from pydoom.fleetmap.stock import Stock
from pydoom.wad import Assets, MapData
from pydoom.wad.mapdata import Int32Array
from tests.drafts import grid_level
from tests.unit.test_fleetmap_reject import rooms_along_a_corridor

INFO = load_info()
PLAYER = DraftThing(64, -64, 90, 1)


def drafted(*things: DraftThing) -> Draft:
    """A corridor with three rooms, and a player in the corridor."""
    return replace(rooms_along_a_corridor(3), things=(PLAYER, *things))


def faults(assets: Assets, draft: Draft) -> list[str]:
    return check_level(build(draft).read(), assets, INFO)


def altered(data: MapData, part: str, change: Callable[[Int32Array], None]) -> MapData:
    array = getattr(data, part).copy()
    change(array)
    return replace(data, **{part: array})


def test_a_sound_level_has_no_faults(assets: Assets) -> None:
    assert faults(assets, drafted()) == []


@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_whatever_is_built_from_cells_is_sound(assets: Assets, seed: int, columns: int, rows: int) -> None:
    level = grid_level(seed, columns, rows, sectors=20)
    used = sorted({sector for column in level.cells for sector in column if sector is not None})
    numbers = {sector: number for number, sector in enumerate(used)}
    lines = tuple(
        replace(
            line,
            front=replace(line.front, sector=numbers[line.front.sector]),
            back=None if line.back is None else replace(line.back, sector=numbers[line.back.sector]),
        )
        for line in level.draft.lines
    )
    draft = replace(level.draft, sectors=tuple(level.draft.sectors[sector] for sector in used), lines=lines)
    found = faults(assets, draft)
    # a cell may be too small for the player, or closed
    assert [fault for fault in found if not fault.startswith("thing 0 ")] == []


def line_without_length(draft: Draft) -> Draft:
    return replace(draft, lines=(*draft.lines, replace(draft.lines[0], start=draft.lines[0].end)))


def crossing_lines(draft: Draft) -> Draft:
    old = draft.lines[0]
    return replace(draft, lines=(*draft.lines, replace(old, start=(64, -256), end=(64, -64))))


def twice_the_same_line(draft: Draft) -> Draft:
    return replace(draft, lines=(*draft.lines, draft.lines[0]))


def gap(draft: Draft) -> Draft:
    return replace(draft, lines=draft.lines[1:])


def wrong_flags(draft: Draft) -> Draft:
    return replace(draft, lines=(replace(draft.lines[0], flags=4), *draft.lines[1:]))


def not_blocking(draft: Draft) -> Draft:
    return replace(draft, lines=(replace(draft.lines[0], flags=0), *draft.lines[1:]))


def no_middle(draft: Draft) -> Draft:
    return with_front(draft, 0, middle="-")


def no_upper_over_the_door(draft: Draft) -> Draft:
    return with_front(draft, 2, upper="-")


def no_lower(draft: Draft) -> Draft:
    sectors = (draft.sectors[0], draft.sectors[1], replace(draft.sectors[2], floor=64, ceiling=64), *draft.sectors[3:])
    return with_front(replace(draft, sectors=sectors), 2, lower="-")


def short_texture_on_a_tall_wall(draft: Draft) -> Draft:
    return with_front(draft, 0, middle="STEP6")


def texture_with_holes(draft: Draft) -> Draft:
    return with_front(draft, 0, middle="BRNBIGC")


def floor_above_ceiling(draft: Draft) -> Draft:
    return replace(draft, sectors=(replace(draft.sectors[0], floor=200), *draft.sectors[1:]))


def unused_sector(draft: Draft) -> Draft:
    return replace(draft, sectors=(*draft.sectors, draft.sectors[0]))


def too_bright(draft: Draft) -> Draft:
    return replace(draft, sectors=(replace(draft.sectors[0], light=300), *draft.sectors[1:]))


def with_front(draft: Draft, number: int, **changes: str) -> Draft:
    line = draft.lines[number]
    changed = replace(line, front=replace(line.front, **changes))  # type: ignore[arg-type]
    return replace(draft, lines=(*draft.lines[:number], changed, *draft.lines[number + 1 :]))


def many_scrolling_lines(draft: Draft) -> Draft:
    return replace(rooms_along_a_corridor(8), lines=tuple(replace(line, special=48) for line in draft.lines * 2))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (line_without_length, "line 36 has no length"),
        (crossing_lines, "lines 0 and 36 meet where neither or only one of them ends"),
        (twice_the_same_line, "lines 0 and 36 meet"),
        (gap, "sector 0 is not closed at"),
        (wrong_flags, "line 0 is marked as two-sided and is not"),
        (not_blocking, "line 0 has rock behind it and does not block"),
        (floor_above_ceiling, "sector 0 has its floor above its ceiling"),
        (unused_sector, "sector 7 has no lines"),
        (too_bright, "sector 0 has the light level 300"),
        (many_scrolling_lines, "there are 72 scrolling lines, and 64 is the most"),
        (no_middle, "line 0, sector 0: the middle has no texture"),
        (no_upper_over_the_door, "line 2, sector 0: the upper part has no texture"),
        (no_lower, "line 2, sector 0: the lower part has no texture"),
        (short_texture_on_a_tall_wall, "the middle shows rows 0 to 128 of STEP6, which has 16"),
        (texture_with_holes, "has BRNBIGC, which has holes"),
    ],
)
def test_a_fault_of_the_draft_is_named(assets: Assets, damage: Callable[[Draft], Draft], complaint: str) -> None:
    assert complaint in " | ".join(faults(assets, damage(drafted())))


@pytest.mark.parametrize(
    ("things", "complaint"),
    [
        ([DraftThing(64, 600, 0, 3002)], "thing 1 (type 3002 at 64, 600) is in the void"),
        ([DraftThing(64, -120, 0, 3002)], "thing 1 (type 3002 at 64, -120) is stuck in a wall"),
        ([DraftThing(256, 8, 0, 3002)], "thing 1 (type 3002 at 256, 8) has 0 units of height and needs 56"),
        ([DraftThing(300, -64, 0, 3002), DraftThing(350, -64, 0, 3002)], "things 1 and 2 stand in each other"),
        ([DraftThing(300, -64, 0, 31999)], "thing 1 (type 31999 at 300, -64) is of no known type"),
        ([DraftThing(300, -64, 0, 1)], "there are 2 starts for player 1"),
        ([DraftThing(300, -64, 0, 3)], "there are starts for the players [1, 3] only"),
    ],
)
def test_a_misplaced_thing_is_named(assets: Assets, things: Sequence[DraftThing], complaint: str) -> None:
    assert complaint in " | ".join(faults(assets, drafted(*things)))


def test_a_level_without_a_start_is_named(assets: Assets) -> None:
    assert "there are 0 starts for player 1" in faults(assets, rooms_along_a_corridor(1))


def shifted_offset(segs: Int32Array) -> None:
    segs[3, 5] += 8


def turned(segs: Int32Array) -> None:
    segs[3, 2] ^= 0x40000000


def other_line(segs: Int32Array) -> None:
    segs[3, 3] = (segs[3, 3] + 1) % 30


def small_box(nodes: Int32Array) -> None:
    nodes[-1, 4] -= 64


def swapped_children(nodes: Int32Array) -> None:
    nodes[-1, [12, 13]] = nodes[-1, [13, 12]]


def no_partition(nodes: Int32Array) -> None:
    nodes[0, 2:4] = 0


def one_subsector_too_large(subsectors: Int32Array) -> None:
    subsectors[0, 0] += 1


def moved_block_map(words: Int32Array) -> None:
    words[0] += 128


def another_vertex(vertexes: Int32Array) -> None:
    vertexes[-1] = vertexes[0]


@pytest.mark.parametrize(
    ("part", "damage", "complaint"),
    [
        ("segs", shifted_offset, "seg 3 has the offset"),
        ("segs", turned, "seg 3 has the wrong angle"),
        ("segs", other_line, "is not covered by segs"),
        ("nodes", small_box, "has a box that is too small"),
        ("nodes", swapped_children, "by the tree"),
        ("nodes", no_partition, "node 0 has a partition without a direction"),
        ("subsectors", one_subsector_too_large, "is in 2 subsectors"),
        ("blockmap", moved_block_map, "line"),
        ("vertexes", another_vertex, "2 vertexes lie at"),
    ],
)
def test_damage_to_a_built_lump_is_named(
    assets: Assets,
    part: str,
    damage: Callable[[Int32Array], None],
    complaint: str,
) -> None:
    data = altered(build(drafted()).read(), part, damage)
    assert complaint in " | ".join(check_level(data, assets, INFO))


def test_a_reject_that_hides_what_is_seen_is_named(assets: Assets) -> None:
    data = build(drafted()).read()
    count = len(data.sectors)
    blind = np.packbits(~np.eye(count, dtype=np.bool_).ravel(), bitorder="little").tobytes()
    assert any("REJECT hides sector" in fault for fault in check_level(replace(data, reject=blind), assets, INFO))
    assert check_level(replace(data, reject=b""), assets, INFO) == [f"REJECT has 0 bytes for {count} sectors"]
    oneway = bytearray(bytes((count * count + 7) // 8))
    oneway[0] |= 2
    assert "REJECT differs with who looks at whom" in check_level(replace(data, reject=bytes(oneway)), assets, INFO)


def test_an_unused_vertex_is_named(assets: Assets) -> None:
    data = build(drafted()).read()
    more = np.vstack([data.vertexes, [[5000, 5000]]]).astype(np.int32)
    assert f"vertex {len(data.vertexes)} is used by nothing" in check_level(replace(data, vertexes=more), assets, INFO)


def test_a_level_that_the_original_cannot_save_is_noted() -> None:
    crowd = [DraftThing(64, -64, 0, 3002) for _ in range(1200)]
    assert notes(build(drafted()).read()) == []
    (note,) = notes(build(drafted(*crowd)).read())
    assert "savegame buffer overrun at 180,224" in note


def test_more_lifts_than_move_at_once_are_noted() -> None:
    draft = rooms_along_a_corridor(40)
    draft = replace(
        draft,
        sectors=tuple(replace(sector, tag=1) for sector in draft.sectors),
        lines=(replace(draft.lines[0], special=62, tag=1), *draft.lines[1:]),
    )
    (note,) = notes(build(draft).read())
    assert "there are 81 lifts" in note


@given(
    st.lists(st.builds(Group, st.text(max_size=20), st.integers(0, 60), st.integers(0, 9)), max_size=25),
    st.integers(0, 0xFFFF),
    st.integers(1, 4),
)
@settings(max_examples=15, deadline=None)
def test_the_level_of_any_fleet_is_sound_with_its_monsters(
    wad_path: Path, groups: list[Group], seed: int, players: int
) -> None:
    assets = wad.load(wad_path)
    draft = inhabit(plan(groups, seed, Stock.of(assets), "E1M1", players), groups)
    assets.reserve_textures(list(draft.signs), SIGN_WIDTH, SIGN_HEIGHT)
    assets.paint_textures(sign_patches(draft.signs, assets))
    monsters = sum(thing.type == DEMON for thing in draft.things)
    assert monsters == sum(group.population + group.protected for group in groups)
    assert faults(assets, draft) == []
