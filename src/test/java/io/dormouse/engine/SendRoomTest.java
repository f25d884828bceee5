package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SendRoomTest {
  private final SendRoom room = new SendRoom(1_000);

  @Test
  void thereIsRoomUpToTheBound() {
    assertThat(room.reserve(600)).isTrue();
    assertThat(room.reserve(401)).isFalse();
    assertThat(room.reserve(400)).isTrue();
    assertThat(room.bytes()).isEqualTo(1_000);
    assertThat(room.reserve(1)).isFalse();
  }

  @Test
  void whatNeverFitsGoesWhenNothingElseCounts() {
    assertThat(room.reserve(5_000)).isTrue();
    assertThat(room.reserve(1)).isFalse();
    room.release(5_000);
    assertThat(room.reserve(1)).isTrue();
  }

  @Test
  void whatIsReleasedCountsForNothing() {
    assertThat(room.reserve(10)).isTrue();
    assertThat(room.reserve(20)).isTrue();
    room.release(10);
    assertThat(room.bytes()).isEqualTo(20);
    room.release(20);
    assertThat(room.bytes()).isZero();
  }

  /** It used to be counted in and out again, and whoever came in between was refused. */
  @Test
  void aSendThatIsRefusedIsInNobodysWay() throws InterruptedException {
    assertThat(room.reserve(500)).isTrue();
    boolean[] over = new boolean[1];
    Thread greedy =
        new Thread(
            () -> {
              for (int i = 0; i < 300_000; i++) {
                over[0] |= room.reserve(900);
              }
            });
    greedy.start();
    int refused = 0;
    while (greedy.isAlive()) {
      if (room.reserve(1)) {
        room.release(1);
      } else {
        refused++;
      }
    }
    greedy.join();
    assertThat(over[0]).isFalse();
    assertThat(refused).isZero();
  }
}
