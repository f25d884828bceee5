package io.dormouse.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a first user of the kit does wrong, and is told. */
class WorldMistakesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Supplier<Peer> NOBODY = null;

  private final SimulatedWorld world = new SimulatedWorld();
  private final Host server = world.host("203.0.113.1", "h.example");

  @AfterEach
  void close() {
    world.close();
  }

  private static void assertRefused(ThrowingCallable call, String words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  private static void assertNull(ThrowingCallable call, String name) {
    assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage(name);
  }

  @Test
  void aPortIsAPort() {
    for (int port : new int[] {-1, 0, 65_536}) {
      String words = "port must be from 1 to 65535, not " + port;
      assertRefused(() -> server.serve(port, Peers.echo()), words);
      assertRefused(() -> server.serveDatagrams(port, (from, data, reply) -> {}), words);
      assertRefused(() -> server.refuse(port), words);
      assertRefused(() -> server.silence(port), words);
    }
    assertThat(server.serve(65_535, Peers.echo())).isSameAs(server);
  }

  @Test
  void nullIsRefusedByName() {
    assertNull(() -> server.serve(1, NOBODY), "peers");
    assertNull(() -> server.serve(1, Peers.echo(), null), "tls");
    assertNull(() -> server.serveDatagrams(1, null), "peer");
    assertNull(() -> world.host(null), "numbers");
    assertNull(() -> world.host("203.0.113.1", null), "name");
    assertNull(() -> world.httpClient(null), "like");
    assertNull(() -> world.await(null), "stage");
    assertNull(() -> world.await(null, SECOND), "stage");
  }

  @Test
  void anAddressComesBeforeTheName() {
    for (String wrong :
        new String[] {"chat.example.com", "1.2.3", "1.2.3.4.5", "1.2.3.400", "", "a:b"}) {
      assertRefused(() -> world.host(wrong, "203.0.113.9"), "\"" + wrong + "\"; a host's address");
    }
  }

  @Test
  void http() {
    try (ConnectionRegistry registry = world.registry().build();
        SimulatedWorld other = new SimulatedWorld()) {
      String words = "api: in a SimulatedWorld its calls would go to the real network";
      assertRefused(() -> registry.http("api").register(), words);
      assertRefused(() -> registry.http("api").client(new OkHttpClient()).register(), words);
      OkHttpClient others = other.httpClient(new OkHttpClient());
      assertRefused(() -> registry.http("api").client(others).register(), words);
      OkHttpClient own = world.httpClient(new OkHttpClient());
      assertThat(registry.http("api").client(own).register().name()).isEqualTo("api");
    }
  }

  @Test
  void aRegistryOutside() {
    try (ConnectionRegistry registry =
        ConnectionRegistry.builder(new ManualAppLifecycle()).build()) {
      CompletableFuture<?> open =
          registry.tcp("outside").connectTo("203.0.113.1", 7).register().whenOpen();
      assertThatThrownBy(() -> world.await(open, SECOND))
          .isInstanceOf(AssertionError.class)
          .hasMessageStartingWith(
              "not within PT1S of simulated time: what is awaited is complete\n")
          .hasMessageContaining("no registry belongs to this world: begin it by world.registry()");
    }
    world.registry().build().close();
    assertThatThrownBy(() -> world.awaitUntil("it rains", () -> false, SECOND))
        .hasMessageStartingWith("not within PT1S of simulated time: it rains\n")
        .hasMessageNotContainingAny("no registry belongs");
  }

  @Test
  void aReportIsNoLongerThanAPersonReads() {
    for (int i = 0; i < 60; i++) {
      world.note("line " + i);
    }
    assertThat(world.report().lines()).hasSize(60).first().asString().endsWith("line 0");
    world.note("line 60");
    assertThat(world.report())
        .startsWith("(1 earlier lines: see timeline())\n")
        .endsWith("line 60\n");
    assertThat(world.report().lines()).hasSize(61);
  }
}
