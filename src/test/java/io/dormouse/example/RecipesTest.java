package io.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.tcp.TcpConnection;
import io.dormouse.testing.Peers;
import io.dormouse.testing.SimulatedWorld;
import io.dormouse.testing.junit.SimulatedWorldExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A recipe of which one may doubt that it works, run. */
@ExtendWith(SimulatedWorldExtension.class)
class RecipesTest {
  @Test
  void aNewSocketTakesThePlaceOfTheOld(SimulatedWorld world) {
    world.host("203.0.113.3", "echo.example.com").serve(7, Peers.echo());
    try (ConnectionRegistry registry = world.registry().build()) {
      TcpConnection echo = registry.tcp("echo").connectTo("echo.example.com", 7).register();
      world.lifecycle().onForeground();
      world.await(echo.whenOpen());
      Recipes.newSocket(registry, echo);
      world.awaitUntil(
          "a second generation is open",
          () -> echo.state() == ConnectionState.OPEN && echo.snapshot().generation() == 2,
          Duration.ofSeconds(5));
      assertThat(registry.stillOpen()).hasSize(1);
    }
  }
}
