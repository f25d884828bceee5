package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyPollTest {
  private final BusyPoll busyPoll = new BusyPoll(2);

  @Test
  void aLookIsWorthwhileOnlyAfterAShortSleep() {
    assertThat(busyPoll.isWorthwhile()).as("before anything is known").isFalse();
    busyPoll.slept(60_000);
    assertThat(busyPoll.isWorthwhile()).isTrue();
    busyPoll.found();
    assertThat(busyPoll.isWorthwhile()).as("as long as it finds something").isTrue();
    busyPoll.slept(1_000_000);
    assertThat(busyPoll.isWorthwhile()).isFalse();
  }

  /** What it costs while the peer is just too slow: fewer and fewer of the waits begin with one. */
  @Test
  void spinsWithoutResultBecomeRareAndAreNeverGivenUp() {
    int spins = 0;
    for (int wait = 0; wait < 10_000; wait++) {
      busyPoll.slept(60_000);
      if (busyPoll.isWorthwhile()) {
        busyPoll.foundNothing();
        spins++;
      }
    }
    assertThat(spins).isBetween(70, 90); // 7 until they are rare, and then one in 129
  }

  @Test
  void oneThatFindsSomethingMakesThemOftenAgain() {
    spinsWithoutResultBecomeRareAndAreNeverGivenUp();
    while (!busyPoll.isWorthwhile()) {
      busyPoll.slept(60_000);
    }
    busyPoll.found();
    assertThat(busyPoll.isWorthwhile()).isTrue();
    busyPoll.foundNothing();
    assertThat(busyPoll.isWorthwhile()).isFalse();
    assertThat(busyPoll.isWorthwhile()).as("one wait later").isTrue();
  }

  /** The peer, or whoever hands a task in, needs the only processor. */
  @Test
  void aLookIsNeverWorthwhileOnOneProcessor() {
    BusyPoll alone = new BusyPoll(1);
    alone.slept(60_000);
    assertThat(alone.isWorthwhile()).isFalse();
  }
}
