package io.dormouse.example.tested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.testing.Host;
import io.dormouse.testing.HttpPeer;
import io.dormouse.testing.Peers;
import io.dormouse.testing.SimulatedWorld;
import io.dormouse.testing.junit.SimulatedWorldExtension;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SimulatedWorldExtension.class)
class NewsTest {
  private Host server;
  private ConnectionRegistry registry;
  private News news;

  @BeforeEach
  void fetch(SimulatedWorld world) throws IOException {
    server = world.host("203.0.113.3", "news.example.com");
    server.serve(80, HttpPeer.answering(200, "It rains."));
    registry = world.registry().build();
    OkHttpClient client = world.httpClient(new OkHttpClient()); // the app's own, or one like it
    news = new News(registry, client, "http://news.example.com/latest");
    world.lifecycle().onForeground();
    news.refresh();
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void showsWhatTheServerSays() throws IOException {
    assertThat(news.latest()).isEqualTo("It rains.");
    server.serve(80, HttpPeer.answering(500, "Sorry."));
    server.resetAll(); // or the stream that there is would be used again
    assertThatThrownBy(news::refresh).hasMessage("the server answers 500");
    assertThat(news.latest()).isEqualTo("It rains.");
  }

  @Test
  void keepsTheLatestWhenTheServerDoesNotAnswer(SimulatedWorld world) {
    server.serve(80, Peers.mute());
    server.resetAll();
    Duration before = world.elapsed();
    assertThatThrownBy(news::refresh).isInstanceOf(SocketTimeoutException.class);
    assertThat(world.elapsed().minus(before)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
    assertThat(news.latest()).isEqualTo("It rains.");
  }

  @Test
  void fetchesAgainAfterTheBackground(SimulatedWorld world) throws IOException {
    world.lifecycle().onBackground();
    assertThat(registry.awaitSettled(Duration.ofSeconds(4))).isTrue();
    world.assertQuiescent(); // the pool is empty
    server.serve(80, HttpPeer.answering(200, "The sun is out."));
    world.advance(Duration.ofHours(8));
    world.lifecycle().onForeground();
    news.refresh();
    assertThat(news.latest()).isEqualTo("The sun is out.");
  }
}
