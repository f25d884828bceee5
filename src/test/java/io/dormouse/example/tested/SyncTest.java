package io.dormouse.example.tested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.testing.Peer;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.SimulatedWorld;
import io.dormouse.testing.junit.SimulatedWorldExtension;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedWorldExtension.class)
class SyncTest {
  private ConnectionRegistry registry;
  private Sync sync;

  /** Sends an item a second, three in all. */
  private static final class SyncServer implements Peer {
    @Override
    public void received(PeerSocket socket, ByteBuffer request) {
      String[] lines = {"one", "two", "three", "end"};
      for (int i = 0; i < lines.length; i++) {
        ByteBuffer line = StandardCharsets.UTF_8.encode(lines[i] + "\n");
        socket.after(Duration.ofSeconds(i + 1), () -> socket.send(line));
      }
    }
  }

  @BeforeEach
  void inTheBackground(SimulatedWorld world) {
    world.host("203.0.113.2", "sync.example.com").serve(7_000, SyncServer::new);
    registry = world.registry().build();
    sync = new Sync(registry, "sync.example.com", 7_000);
    world.lifecycle().onBackground();
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void fetchesAllAndSleepsAgain(SimulatedWorld world) {
    world.await(sync.run());
    assertThat(sync.items()).containsExactly("one", "two", "three");
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
    assertThat(registry.tasks()).isEmpty();
  }

  @Test
  void keepsWhatHasComeWhenTheTaskIsRevoked(SimulatedWorld world) {
    CompletableFuture<Void> run = sync.run();
    world.after(Duration.ofMillis(2_500), world::revokeTasks);
    assertThatThrownBy(() -> world.await(run)).hasRootCauseInstanceOf(CancellationException.class);
    assertThat(sync.items()).containsExactly("one", "two");
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
  }
}
