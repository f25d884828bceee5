package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the system's own network says when the process has as many sockets open as it may. */
class NoMoreDescriptorsTest {
  private static final int MAY_HAVE = 256;

  /** That is told apart from a server that refuses, since it passes without the server. */
  @ParameterizedTest
  @ValueSource(strings = {"stream", "datagrams"})
  void itIsNoRoomAndThereIsSomeAsSoonAsOneIsClosed(String kind) throws Exception {
    Path shell = Path.of("/bin/sh");
    assumeTrue(Files.isExecutable(shell), "a shell that can lower the limit");
    Process child =
        new ProcessBuilder(
                shell.toString(),
                "-c",
                "ulimit -n " + MAY_HAVE + " && exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                kind)
            .redirectErrorStream(true)
            .start();
    try (InputStream said = child.getInputStream()) {
      assertThat(new String(said.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("NoRoomException, and then a socket");
    } finally {
      child.destroyForcibly();
    }
  }

  /** The process whose limit is low. */
  static final class Child {
    private Child() {}

    /** Runs the process. */
    public static void main(String[] args) throws IOException {
      // So that all classes are there: none can be read from a file later on.
      String problem = new NoRoomException(new IOException()).getClass().getSimpleName();
      open(args[0]).close();
      Deque<Channel> open = new ArrayDeque<>();
      try {
        while (open.size() <= MAY_HAVE) {
          open.push(open(args[0]));
        }
        problem = "none";
      } catch (IOException e) {
        problem = e.getClass().getSimpleName();
      }
      open.pop().close();
      open(args[0]).close();
      System.out.print(problem + ", and then a socket");
      System.exit(0);
    }

    private static Channel open(String kind) throws IOException {
      return kind.equals("stream")
          ? SystemNetwork.INSTANCE.openStream(TransportOptions.standard())
          : SystemNetwork.INSTANCE.openDatagrams(Optional.empty());
    }
  }
}
