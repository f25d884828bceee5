package io.dormouse.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
  @Test
  void clientsThatComeTogetherAreOnePeak() {
    Recovery recovery = Recovery.of((failures, random) -> 7, 100, 20, 1);
    assertThat(recovery.seconds()).isEqualTo(1);
    assertThat(recovery.peak()).isEqualTo(100);
  }

  @Test
  void clientsThatComeEvenlyHaveNoPeak() {
    Recovery recovery = Recovery.of((failures, random) -> random.nextDouble(10), 100_000, 0.001, 1);
    assertThat(recovery.peakToMean()).isCloseTo(1, within(0.1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dormouse", "scarlet", "nats", "socket.io"})
  void everyClientArrives(String library) {
    Recovery recovery = Recovery.of(Policy.of(library), 1_000, 60, 1);
    assertThat(recovery.seconds()).isPositive();
    assertThat(recovery.peak()).isBetween(1, 1_000);
  }

  @Test
  void ourClientsArriveLessDenselyThanTheOthers() {
    int ours = Recovery.of(Policy.of("dormouse"), 10_000, 60, 1).peak();
    for (String other : new String[] {"scarlet", "nats", "socket.io"}) {
      assertThat(Recovery.of(Policy.of(other), 10_000, 60, 1).peak()).isGreaterThan(3 * ours);
    }
  }
}
