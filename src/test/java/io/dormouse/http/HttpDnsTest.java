package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Registries;
import io.dormouse.support.servers.HttpEchoServer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** Who looks up the names of HTTP's hosts. */
class HttpDnsTest {
  /** Knows that every host is this machine, and what it was asked. */
  private static final class Asked implements Dns {
    final Set<String> names = ConcurrentHashMap.newKeySet();

    @Override
    public List<InetAddress> lookup(String hostname) {
      names.add(hostname);
      return List.of(InetAddress.getLoopbackAddress());
    }
  }

  private final Asked registrys = new Asked();
  private final Asked clients = new Asked();
  private final Asked connections = new Asked();

  private void call(UnaryOperator<HttpBuilder> options) throws IOException {
    try (HttpEchoServer server = new HttpEchoServer();
        Registries app = new Registries(builder -> builder.dns(registrys))) {
      server.start();
      HttpConnection api = options.apply(app.registry().http("api")).register();
      app.foreground();
      Request request =
          new Request.Builder().url("http://h.example:" + server.port() + "/").build();
      try (Response response = api.client().newCall(request).execute()) {
        assertThat(response.code()).isEqualTo(200);
      }
    }
  }

  @Test
  void theResolverOfTheRegistryIsAsked() throws IOException {
    call(api -> api);
    assertThat(registrys.names).containsExactly("h.example");
  }

  @Test
  void aClientThatHasOneKeepsIt() throws IOException {
    OkHttpClient own = new OkHttpClient.Builder().dns(clients).build();
    call(api -> api.client(own));
    assertThat(clients.names).containsExactly("h.example");
    assertThat(registrys.names).isEmpty();
  }

  @Test
  void thatOfTheConnectionComesFirst() throws IOException {
    OkHttpClient own = new OkHttpClient.Builder().dns(clients).build();
    call(api -> api.client(own).dns(connections));
    assertThat(connections.names).containsExactly("h.example");
    assertThat(clients.names).isEmpty();
    assertThat(registrys.names).isEmpty();
  }
}
