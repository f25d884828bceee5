package io.dormouse.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.CloseReason.Kind;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.reconnect.Backoff;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {
  private static final Duration LONG_IN_FRONT = Duration.ofHours(1);

  /** After which a half draws 2 s, between 0.9375 s and 3.0625 s. */
  private static final Duration WAITED = Duration.ofMillis(1_250);

  private final RetryPolicy policy = RetryPolicy.standard();

  private Decision decide(CloseReason reason) {
    return policy.decide(
        RetryPolicy.Ended.of(reason)
            .withFailures(3, WAITED)
            .withSinceForeground(LONG_IN_FRONT)
            .withRandom(0.5));
  }

  @Test
  void aTlsHandshakeThatStalledIsTriedAgain() {
    CloseReason stall =
        CloseReason.of(Kind.TLS_FAILED, "a stall", new SocketTimeoutException("a stall"));
    assertThat(decide(stall).retry()).isTrue();
    CloseReason refused = CloseReason.of(Kind.TLS_FAILED, "expired", new IOException("expired"));
    assertThat(decide(refused).retry()).isFalse();
  }

  /** Of a delay that a half draws: 2 s after 1.25 s of delays, or 17.5 s of 5 s to 30 s. */
  @ParameterizedTest
  @CsvSource({
    "UNRESOLVED, , 2 s",
    "CONNECT_FAILED, , 2 s",
    "CONNECT_TIMEOUT, , 2 s",
    "NETWORK_LOST, , 2 s",
    "PEER_RESET, , 2 s",
    "HEARTBEAT_TIMEOUT, , 2 s",
    "IDLE_TIMEOUT, , 2 s",
    "KILLED_WHILE_BACKGROUND, , 2 s",
    "PROTOCOL_ERROR, , 2 s",
    "LIMIT_EXCEEDED, , 2 s",
    "INTERNAL_ERROR, , 2 s",
    "SUPPLIER_FAILED, , 2 s",
    "PREPARE_FAILED, , 2 s",
    "TLS_FAILED, , give up",
    "PROXY_UNAUTHORIZED, , give up",
    "PROXY_UNAUTHORIZED, 407, give up",
    "PROXY_FAILED, , 2 s",
    "PROXY_FAILED, 301, 2 s",
    "PROXY_FAILED, 400, give up",
    "PROXY_FAILED, 403, give up",
    "PROXY_FAILED, 408, 2 s",
    "PROXY_FAILED, 429, 2 s",
    "PROXY_FAILED, 499, give up",
    "PROXY_FAILED, 502, 2 s",
    "HANDSHAKE_REJECTED, , 2 s",
    "HANDSHAKE_REJECTED, 200, give up",
    "HANDSHAKE_REJECTED, 301, give up",
    "HANDSHAKE_REJECTED, 399, give up",
    "HANDSHAKE_REJECTED, 400, give up",
    "HANDSHAKE_REJECTED, 401, give up",
    "HANDSHAKE_REJECTED, 403, give up",
    "HANDSHAKE_REJECTED, 404, give up",
    "HANDSHAKE_REJECTED, 408, 2 s",
    "HANDSHAKE_REJECTED, 425, 2 s",
    "HANDSHAKE_REJECTED, 429, 2 s",
    "HANDSHAKE_REJECTED, 499, give up",
    "HANDSHAKE_REJECTED, 500, 2 s",
    "HANDSHAKE_REJECTED, 503, 2 s",
    "PEER_CLOSED, , 2 s",
    "PEER_CLOSED, 1000, 2 s",
    "PEER_CLOSED, 1001, 2 s",
    "PEER_CLOSED, 1008, give up",
    "PEER_CLOSED, 1011, 2 s",
    "PEER_CLOSED, 1012, 17.5 s",
    "PEER_CLOSED, 1013, 17.5 s",
    "PEER_CLOSED, 3000, give up",
    "PEER_CLOSED, 3003, give up",
    "PEER_CLOSED, 404, 2 s",
    "PROTOCOL_ERROR, 1012, 2 s"
  })
  void theReasonDecides(Kind kind, Integer code, String expected) {
    CloseReason reason = code == null ? CloseReason.of(kind) : CloseReason.ofCode(kind, code, "");
    Decision decision = decide(reason);
    if (expected.equals("give up")) {
      assertThat(decision.retry()).isFalse();
    } else {
      double seconds = Double.parseDouble(expected.replace(" s", ""));
      assertThat(decision.retry()).isTrue();
      assertThat(decision.counted()).isTrue();
      assertThat(decision.delay()).isEqualTo(Duration.ofMillis((long) (seconds * 1000)));
    }
  }

  @Test
  void theTableLeavesNoKindOutButThoseThatTheAppCausedItself() throws Exception {
    Set<Kind> wanted =
        Set.of(
            Kind.SUSPENDED,
            Kind.TASK_ENDED,
            Kind.PAUSED_BY_APP,
            Kind.CLOSED_BY_APP,
            Kind.RESOURCE_EXHAUSTED, // which is this machine's own: see below
            Kind.SEND_REFUSED); // which ends no generation
    List<String> rows =
        List.of(
            RetryPolicyTest.class
                .getDeclaredMethod("theReasonDecides", Kind.class, Integer.class, String.class)
                .getAnnotation(CsvSource.class)
                .value());
    assertThat(Arrays.stream(Kind.values()).filter(kind -> !wanted.contains(kind)))
        .allSatisfy(
            kind -> assertThat(rows).anySatisfy(row -> assertThat(row).startsWith(kind + ",")));
  }

  /** It says nothing about the server, and there may be room at any moment. */
  @Test
  void whereThereIsNoRoomForASocketItIsTriedShortlyAndNotCounted() {
    CloseReason noRoom = CloseReason.of(Kind.RESOURCE_EXHAUSTED);
    RetryPolicy twice = policy.givingUpAfter(2);
    for (double random : new double[] {0, 0.999}) {
      Decision decision =
          twice.decide(
              RetryPolicy.Ended.of(noRoom)
                  .withFailures(9, WAITED)
                  .withSinceForeground(LONG_IN_FRONT)
                  .withRandom(random));
      assertThat(decision.retry()).isTrue();
      assertThat(decision.counted()).isFalse();
      assertThat(decision.delay()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(1));
    }
  }

  /** The network comes back a little later than the app (OkHttp #8200). */
  @Test
  void aNameThatDoesNotResolveJustAfterTheForegroundIsTriedShortlyAndNotCounted() {
    CloseReason unresolved = CloseReason.of(Kind.UNRESOLVED);
    Duration early = Duration.ofSeconds(5).minusNanos(1);
    Decision decision =
        policy.decide(
            RetryPolicy.Ended.of(unresolved)
                .withFailures(9, WAITED)
                .withSinceForeground(early)
                .withRandom(0.5));
    assertThat(decision.retry()).isTrue();
    assertThat(decision.counted()).isFalse();
    assertThat(decision.delay()).isLessThan(Duration.ofSeconds(1)).isPositive();
    Duration late = Duration.ofSeconds(5);
    assertThat(
            policy
                .decide(
                    RetryPolicy.Ended.of(unresolved)
                        .withFailures(9, WAITED)
                        .withSinceForeground(late)
                        .withRandom(0.5))
                .counted())
        .isTrue();
    CloseReason refused = CloseReason.of(Kind.CONNECT_FAILED);
    assertThat(
            policy
                .decide(
                    RetryPolicy.Ended.of(refused)
                        .withFailures(9, WAITED)
                        .withSinceForeground(early)
                        .withRandom(0.5))
                .counted())
        .isTrue();
  }

  @Test
  void aServerThatAsksForTimeGetsItWithTheJitterOnTop() {
    CloseReason busy =
        CloseReason.ofCode(Kind.HANDSHAKE_REJECTED, 503, "").withRetryAfter(Duration.ofSeconds(30));
    assertThat(decide(busy).delay()).isEqualTo(Duration.ofSeconds(32));
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, PT2S",
    "PT-5S, PT2S",
    "PT1H, PT1H2S",
    "PT1H1S, PT1H2S",
    "P400D, PT1H2S",
    "PT2562047788015215H, PT1H2S"
  })
  void aRetryAfterThatMakesNoSenseIsBroughtIntoBounds(Duration retryAfter, Duration delay) {
    CloseReason busy =
        CloseReason.ofCode(Kind.HANDSHAKE_REJECTED, 503, "").withRetryAfter(retryAfter);
    assertThat(decide(busy).delay()).isEqualTo(delay);
  }

  @ParameterizedTest
  @CsvSource({"0.0, 5", "0.2, 10", "1.0, 30"})
  void aRestartingServerIsLeftAloneFor5To30Seconds(double random, long seconds) {
    CloseReason restart = CloseReason.ofCode(Kind.PEER_CLOSED, 1012, "");
    double drawn = Math.min(random, Math.nextDown(1.0));
    Decision decision =
        policy.decide(
            RetryPolicy.Ended.of(restart).withSinceForeground(LONG_IN_FRONT).withRandom(drawn));
    assertThat(decision.delay())
        .isBetween(Duration.ofSeconds(seconds).minusMillis(1), Duration.ofSeconds(seconds));
  }

  @Test
  void afterTheLastAllowedFailureItGivesUp() {
    RetryPolicy three = policy.givingUpAfter(3);
    CloseReason lost = CloseReason.of(Kind.NETWORK_LOST);
    assertThat(
            three
                .decide(
                    RetryPolicy.Ended.of(lost)
                        .withFailures(2, WAITED)
                        .withSinceForeground(LONG_IN_FRONT))
                .retry())
        .isTrue();
    assertThat(
            three
                .decide(
                    RetryPolicy.Ended.of(lost)
                        .withFailures(3, WAITED)
                        .withSinceForeground(LONG_IN_FRONT))
                .retry())
        .isFalse();
    assertThatThrownBy(() -> policy.givingUpAfter(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void neverMeansNever(Kind kind) {
    RetryPolicy.Ended ended =
        RetryPolicy.Ended.of(CloseReason.of(kind)).withRandom(Math.nextDown(1.0));
    assertThat(RetryPolicy.never().decide(ended).retry()).isFalse();
  }

  @Test
  void theStandardBackoffIsFrom1To50Seconds() {
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(50));
    assertThat(policy).isEqualTo(new StandardRetryPolicy(backoff));
  }

  @Test
  void whatADecisionIsMadeFromIsChecked() {
    CloseReason lost = CloseReason.of(Kind.NETWORK_LOST);
    assertThatThrownBy(() -> RetryPolicy.Ended.of(lost).withFailures(0, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    Duration negative = Duration.ofNanos(-1);
    assertThatThrownBy(() -> RetryPolicy.Ended.of(lost).withFailures(1, negative))
        .isInstanceOf(IllegalArgumentException.class);
    for (double random : new double[] {-0.1, 1.0, Double.NaN}) {
      assertThatThrownBy(() -> RetryPolicy.Ended.of(lost).withRandom(random))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Decision.retryAfter(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Decision.retryUncounted(Duration.ofDays(366)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
