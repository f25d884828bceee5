package io.dormouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Child;
import io.dormouse.support.RawServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FullHeapTest {
  private static final List<String> OPTIONS =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");

  /** The JVM itself ends now and then where there is no memory, and then says nothing. */
  private static final int TRIES = 3;

  private static String port(RawServer server) {
    return String.valueOf(server.port());
  }

  /**
   * Sends numbers until its socket is gone, over the next socket then. The first socket ends soon:
   * what the JVM loads at the first end of a generation it may fail to load for good where there is
   * no memory.
   */
  private static void sendNumbers(RawServer server) {
    byte[] numbers = new byte[FullHeap.NUMBERS * 64];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) (i % FullHeap.NUMBERS);
    }
    for (int sockets = 0; ; sockets++) {
      Socket peer = server.next();
      try (OutputStream out = peer.getOutputStream()) {
        out.write(FullHeap.BEGIN);
        out.write(numbers);
        while (sockets > 0) {
          out.write(numbers);
        }
      } catch (IOException e) {
        // That generation is over.
      }
    }
  }

  private static String result(Class<?> app, List<String> args) throws Exception {
    String result = "";
    for (int i = 0; i < TRIES && result.isEmpty(); i++) {
      try (Child child = Child.start(app, OPTIONS, args)) {
        result = child.await("result", Duration.ofMinutes(4)).orElse("");
      }
    }
    return result;
  }

  /** What was read and could not be handed over is lost, so its generation must not go on. */
  @Test
  void aStreamOfAnAppWhoseHeapIsFullNowAndThenHasNoHoleAndGoesOn() throws Exception {
    try (RawServer server = new RawServer()) {
      Thread sender = new Thread(() -> sendNumbers(server), "numbers");
      sender.setDaemon(true);
      sender.setUncaughtExceptionHandler((thread, e) -> {}); // nobody connects any more
      sender.start();
      String result = result(FullHeap.class, List.of(port(server)));
      assertThat(result).startsWith("holes 0 stuck 0 ");
    }
  }

  /** The JVM links what an atomic does at its first use, and that takes memory. */
  @Test
  void theFirstSignalThatIsRaisedNeedsNoMemory() throws Exception {
    assertThat(result(FullHeapSignal.class, List.of())).isEqualTo("ran true");
  }
}
