package io.dormouse;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.connection.ConnectionHost;
import io.dormouse.http.HttpBuilder;
import io.dormouse.tcp.TcpBuilder;
import io.dormouse.udp.UdpBuilder;
import io.dormouse.websocket.WebSocketBuilder;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Builders come from the registry, although their constructors have to be public. */
class BuildersTest {
  @Test
  void aBuilderThatAnAppMakesItselfSaysWhereBuildersComeFrom() {
    ConnectionHost host = new ConnectionHost() {};
    Map<String, Function<ConnectionHost, Object>> constructors =
        Map.of(
            "http", it -> new HttpBuilder(it, "a"),
            "tcp", it -> new TcpBuilder(it, "a"),
            "udp", it -> new UdpBuilder(it, "a"),
            "webSocket", it -> new WebSocketBuilder(it, "a"));
    constructors.forEach(
        (method, constructor) -> {
          assertThatThrownBy(() -> constructor.apply(host))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "a: a builder can't be made by itself; it comes from ConnectionRegistry."
                      + method);
        });
  }
}
