package io.dormouse.bench.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dormouse.connection.CloseReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTest {
  private static final int MANY = 10_000;

  /** What the library had before: 1 s doubling to 60 s, and drawn from zero up. */
  private static final Policy FULL_JITTER =
      (failures, waited, random) -> random.nextDouble(Math.min(60, Math.pow(2, failures - 1)));

  @Test
  void clientsThatComeTogetherAreOnePeak() {
    Recovery recovery = Recovery.of((failures, waited, random) -> 7, 100, 20, 1);
    assertThat(recovery.secondsToHalf()).isEqualTo(1);
    assertThat(recovery.seconds()).isEqualTo(1);
    assertThat(recovery.peak()).isEqualTo(100);
  }

  @Test
  void clientsThatComeEvenlyHaveNoPeak() {
    Policy even = (failures, waited, random) -> random.nextDouble(10);
    Recovery recovery = Recovery.of(even, 100_000, 0.001, 1);
    assertThat(recovery.peakToMean()).isCloseTo(1, within(0.1));
    assertThat(recovery.secondsToHalf()).isCloseTo(5, within(0.1));
  }

  @Test
  void aPolicyIsToldHowLongItHasWaited() {
    List<Double> told = new ArrayList<>();
    Policy policy =
        (failures, waited, random) -> {
          told.add(waited);
          return failures;
        };
    assertThat(Recovery.of(policy, 1, 5, 1).seconds()).isEqualTo(1);
    assertThat(told).containsExactly(0.0, 1.0, 3.0);
  }

  @Test
  void clientsThatGaveUpAreMissing() {
    Policy half = (failures, waited, random) -> random.nextBoolean() ? Policy.NEVER : 10;
    Recovery recovery = Recovery.of(half, 1_000, 5, 1);
    assertThat(recovery.missing()).isBetween(400, 600);
    assertThat(recovery.peak()).isEqualTo(1_000 - recovery.missing());
    Recovery none = Recovery.of((failures, waited, random) -> Policy.NEVER, 10, 5, 1);
    assertThat(none.missing()).isEqualTo(10);
    assertThat(none.peak()).isZero();
    assertThat(none.peakToMean()).isNaN();
    assertThat(none.seconds()).isNaN();
    assertThat(none.secondsToHalf()).isNaN();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dormouse", "scarlet", "nats", "socket.io"})
  void everyClientArrives(String library) {
    Recovery recovery = Recovery.of(Policy.of(library), 1_000, 60, 1);
    assertThat(recovery.missing()).isZero();
    assertThat(recovery.seconds()).isPositive();
    assertThat(recovery.peak()).isBetween(1, 1_000);
  }

  /** 60 attempts, 2 s to 2.1 s between them. */
  @ParameterizedTest
  @CsvSource({"117, 0", "124, 1000"})
  void clientsOfNatsGiveUpAfterTwoMinutes(double outageSeconds, int missing) {
    Recovery recovery = Recovery.of(Policy.of("nats"), 1_000, outageSeconds, 1);
    assertThat(recovery.missing()).isEqualTo(missing);
  }

  /** Half of its first delays are 1 s to the millisecond, and nearly all late ones are 5 s. */
  @Test
  void clientsOfSocketIoComeTogether() {
    Recovery first = Recovery.of(Policy.of("socket.io"), MANY, 0.5, 1);
    assertThat(first.secondsToHalf()).isBetween(0.5, 0.6);
    assertThat(first.seconds()).isBetween(0.99, 1.0);
    Recovery late = Recovery.of(Policy.of("socket.io"), MANY, 300, 1);
    assertThat(late.seconds()).isLessThanOrEqualTo(5);
  }

  @Test
  void ourClientsArriveLessDenselyThanTheOthers() {
    int ours = Recovery.of(Policy.of("dormouse"), 10_000, 60, 1).peak();
    for (String other : new String[] {"scarlet", "nats", "socket.io"}) {
      assertThat(Recovery.of(Policy.of(other), 10_000, 60, 1).peak()).isGreaterThan(3 * ours);
    }
  }

  /** For outages from 0.5 s to 30 min, each 12 % longer than the one before. */
  private static List<Double> outages() {
    List<Double> outages = new ArrayList<>();
    for (double seconds = 0.5; seconds <= 1_800; seconds *= 1.12) {
      outages.add(seconds);
    }
    return outages;
  }

  @Test
  void ourClientsComeBackEvenlyHoweverLongTheServerWasAway() {
    assertThat(outages())
        .allSatisfy(
            outage ->
                assertThat(Recovery.of(Policy.of("dormouse"), MANY, outage, 1).peakToMean())
                    .as("after %s s", outage)
                    .isLessThanOrEqualTo(2));
  }

  /** The guard above would see it. */
  @Test
  void withFullJitterTheyDidNot() {
    assertThat(outages().stream().filter(outage -> outage < 30))
        .allSatisfy(
            outage ->
                assertThat(Recovery.of(FULL_JITTER, MANY, outage, 1).peakToMean())
                    .as("after %s s", outage)
                    .isGreaterThan(2));
  }

  /** Evenness must not be had by slowness, nor by a crowd. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 3, 10, 30, 60, 300, 1_800})
  void theyAreNoLaterThanWithFullJitterAndNoMuchLargerCrowd(double outage) {
    Recovery ours = Recovery.of(Policy.of("dormouse"), MANY, outage, 1);
    Recovery full = Recovery.of(FULL_JITTER, MANY, outage, 1);
    assertThat(ours.seconds()).isLessThan(full.seconds());
    assertThat(ours.secondsToHalf()).isLessThan(1.1 * full.secondsToHalf());
    assertThat(ours.peak()).isLessThan(full.peak() * 6 / 5);
  }

  /**
   * 1012: a server that says that it restarts is left alone for 5 s to 30 s. If it takes 21 s to 29
   * s, the last of those pauses are over while the first that failed come again, and the peak is up
   * to 2.6 times the mean; with full jitter it was 11 times.
   */
  @Test
  void clientsThatWereAskedForAPauseComeBackEvenlyUnlessItIsJustTooShort() {
    Policy asked = Policy.dormouse(CloseReason.ofCode(CloseReason.Kind.PEER_CLOSED, 1012, ""));
    assertThat(outages())
        .allSatisfy(
            outage -> {
              boolean justTooShort = outage > 20 && outage < 55;
              assertThat(Recovery.of(asked, MANY, outage, 1).peakToMean())
                  .as("after %s s", outage)
                  .isLessThanOrEqualTo(justTooShort ? 2.75 : 2);
            });
  }
}
