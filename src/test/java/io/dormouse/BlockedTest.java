package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.bench.Child;
import io.dormouse.bench.ContenderMain;
import io.dormouse.bench.Contest;
import io.dormouse.bench.load.LoadServer;
import io.dormouse.bench.traffic.Blocked;
import io.dormouse.bench.traffic.HungNames;
import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Promise 8: while a hundred callbacks, a hundred suppliers and a hundred look-ups are blocked,
 * another connection hardly notices. A machine that is busy with something else shows in single
 * rounds, so the best one counts; what is delayed because of the blocked ones is so in each.
 */
class BlockedTest {
  private static final int EACH = 100;
  private static final int ROUNDS = 5;

  @BeforeEach
  void namedPipes() {
    assumeThat(OsSockets.isAvailable()).as("Linux").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TCP", "WEB_SOCKET"})
  void promise8AnothersRoundTripsStayWithin10MillisecondsOfAnIdleRegistry(String protocol)
      throws Exception {
    assertBestIsLessThan(10, "ROUND_TRIPS", protocol);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TCP", "WEB_SOCKET"})
  void promise8SettledIsKnownWithin50MillisecondsOfTheLastSocket(String protocol) throws Exception {
    assertBestIsLessThan(50, "SETTLED", protocol);
  }

  private static void assertBestIsLessThan(double millis, String what, String protocol)
      throws Exception {
    double best = Double.MAX_VALUE;
    try (LoadServer server = LoadServer.start();
        Child child =
            Child.start(
                ContenderMain.class,
                List.of(HungNames.option()),
                List.of(
                    Blocked.class.getName(),
                    server.ports().toString(),
                    Contest.OURS,
                    what,
                    protocol,
                    String.valueOf(EACH)))) {
      for (int round = 0; round < ROUNDS && best >= millis; round++) {
        child.tell(Contest.OURS);
        String line = child.await("round", Await.LIMIT).orElseThrow();
        best = Math.min(best, Double.parseDouble(line.split(" ", -1)[0]));
      }
    }
    assertThat(best).as("ms").isLessThan(millis);
  }
}
