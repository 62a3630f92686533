"""What the environment rewards: a sum of what happened in a step, each part with a weight of its own."""

from __future__ import annotations

from dataclasses import dataclass

from pydoom.api.views import PlayerView


@dataclass(frozen=True, slots=True)
class Rewards:
    """Weights. By default: clear the level and leave it alive, and do not get hurt on the way."""

    kill: float = 1.0
    """For each monster killed that counts."""
    item: float = 0.1
    """For each item that counts (artifacts, helmets, potions)."""
    secret: float = 1.0
    """For each secret found."""
    health: float = 0.01
    """For each point of health or armor gained; taken away for each lost."""
    exit: float = 10.0
    """For leaving the level."""
    death: float = -5.0
    """For dying."""
    tic: float = 0.0
    """For each tic that passes; negative to press for time."""

    def of(self, before: PlayerView, after: PlayerView, *, tics: int, left: bool) -> float:
        """The reward of a step from `before` to `after` that took `tics`; `left` says whether the level was left."""
        reward = self.kill * (after.kills - before.kills)
        reward += self.item * (after.items - before.items)
        reward += self.secret * (after.secrets - before.secrets)
        reward += self.health * (after.health + after.armor - before.health - before.armor)
        reward += self.tic * tics
        if left:
            reward += self.exit
        elif not after.alive:
            reward += self.death
        return float(reward)
