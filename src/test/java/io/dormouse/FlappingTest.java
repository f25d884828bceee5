package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.Connection;
import io.dormouse.support.Await;
import io.dormouse.support.FourKinds;
import io.dormouse.support.OsSockets;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.Registries;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An app that comes and goes a thousand times. */
class FlappingTest {
  private static final int TIMES = 1_000;

  @Test
  void aThousandFlapsLeaveNoSocketAndNoThread() {
    try (Registries app = new Registries();
        FourKinds four = new FourKinds(app.registry())) {
      int socketsBefore = OsSockets.descriptors();
      Random random = new Random(7);
      for (int i = 1; i <= TIMES; i++) {
        app.foreground();
        switch (random.nextInt(4)) {
          case 0 -> four.awaitOpen(); // comes up in full
          case 1 -> Await.get(four.all().get(1 + random.nextInt(3)).whenOpen()); // in part
          default -> {} // is cut off anywhere
        }
        if (random.nextInt(2) == 0) {
          app.suspend();
          assertThat(four.sockets()).as("sockets after suspend %d", i).isZero();
        } else {
          app.background();
        }
      }
      app.foreground();
      four.awaitOpen();
      four.roundTrips("still well");
      app.suspend();
      assertThat(four.sockets()).isZero();
      Await.until("no descriptor is left", () -> OsSockets.descriptors() <= socketsBefore);
      // Threads for look-ups are apart from those for callbacks, and idle ones go after a second.
      Await.until("idle threads go", () -> OwnThreads.names().size() <= 4);
      for (Connection connection : four.all()) {
        assertThat(connection.snapshot().generation()).isGreaterThan(TIMES / 4);
      }
    }
  }
}
