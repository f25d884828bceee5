package io.dormouse.example.tested;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.connection.ConnectionState;
import io.dormouse.testing.Host;
import io.dormouse.testing.PeerSocket;
import io.dormouse.testing.SimulatedWorld;
import io.dormouse.testing.WebSocketPeer;
import io.dormouse.testing.junit.SimulatedWorldExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedWorldExtension.class)
class ChatTest {
  private final List<String> heard = new ArrayList<>(); // by the server
  private Host server;
  private ConnectionRegistry registry;
  private Chat chat;

  /** Welcomes who signs in, and says back what else it hears. */
  private final class ChatServer extends WebSocketPeer {
    @Override
    protected void text(PeerSocket socket, String text) {
      heard.add(text);
      sendText(socket, text.startsWith("sign-in ") ? "welcome" : text);
    }
  }

  @BeforeEach
  void open(SimulatedWorld world) {
    server = world.host("203.0.113.1", "chat.example.com").serve(80, ChatServer::new);
    registry = world.registry().build();
    chat = new Chat(registry, "ws://chat.example.com/v1", "secret");
    world.lifecycle().onForeground();
    world.await(chat.connection().whenOpen());
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void signsInBeforeAnythingIsSaid(SimulatedWorld world) {
    world.await(chat.say("hello"));
    world.awaitUntil("an answer", () -> !chat.messages().isEmpty(), Duration.ofSeconds(1));
    assertThat(heard).containsExactly("sign-in secret", "hello");
    assertThat(chat.messages()).containsExactly("hello");
  }

  @Test
  void signsInAgainAfterTheBackground(SimulatedWorld world) {
    world.lifecycle().onBackground();
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent();
    world.advance(Duration.ofHours(8)); // in milliseconds
    world.lifecycle().onForeground();
    world.await(chat.connection().whenOpen());
    assertThat(heard).containsExactly("sign-in secret", "sign-in secret");
  }

  @Test
  void noticesAServerThatStopsAnswering(SimulatedWorld world) {
    world.after(Duration.ofSeconds(3), () -> server.link().down());
    world.awaitUntil(
        "the chat has noticed",
        () -> chat.connection().state() != ConnectionState.OPEN,
        Duration.ofSeconds(45)); // a ping after 30 s, and 10 s for its answer
    server.link().up();
    world.await(chat.connection().whenOpen(), Duration.ofMinutes(1));
  }

  @Test
  void isBackAfterTheSystemHasKilledItsSockets(SimulatedWorld world) {
    world.killSockets();
    world.advance(Duration.ofMillis(1));
    assertThat(chat.connection().state()).isNotEqualTo(ConnectionState.OPEN);
    world.await(chat.connection().whenOpen(), Duration.ofMinutes(1));
  }

  @Test
  void isBackAfterTwentyMinutesInTheFreezer(SimulatedWorld world) {
    world.after(Duration.ofMinutes(5), server::resetAll); // nobody has answered its pings
    world.freeze(Duration.ofMinutes(20));
    assertThat(world.elapsed()).isGreaterThanOrEqualTo(Duration.ofMinutes(20));
    world.await(chat.connection().whenOpen(), Duration.ofMinutes(1));
    world.await(chat.say("still there?"));
  }
}
