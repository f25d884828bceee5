package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.ManualAppLifecycle;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is refused where it is said, with the connection's name first. */
class WebSocketBadInputTest {
  private static final String SECRET = "s3cr3t";

  private final ConnectionRegistry registry =
      ConnectionRegistry.builder(new ManualAppLifecycle()).build();

  @AfterEach
  void close() {
    registry.close();
  }

  private WebSocketBuilder chat() {
    return registry.webSocket("chat");
  }

  private WebSocketConnection registered() {
    return chat().connectTo("ws://localhost/").register();
  }

  // ------------------------------------------------------------------------------------- the URL

  @ParameterizedTest
  @CsvSource({
    "http://h/, 'begins with ws://, not with http://'",
    "HTTPS://h/, 'begins with wss://, not with https://'",
    "https://h/, 'begins with wss://, not with https://'",
    "httpx://h/, begins with ws:// or wss://",
    "h:80, begins with ws:// or wss://",
    "s3cr3t:x, begins with ws:// or wss://",
    "/path, begins with ws:// or wss://",
    "'', begins with ws:// or wss://",
    "WSS:///path, no host",
    "ws:h, no host",
    "ws:///path, no host",
    "ws://:80/, no host",
    "ws://256.1.1.1/, looks like an IPv4 address",
    "ws://a..b/, a dot too many",
    "ws://grüße.example/, IDN.toASCII",
    "ws://s3cr3t@under_score/, user info",
    "ws://h:99999999999/, from 1 to 65535",
    "ws://h:0/, port must be from 1 to 65535",
    "ws://h:65536/, port must be from 1 to 65535",
    "ws://user:s3cr3t@h/, user info",
    "ws://s3cr3t@h/, user info",
    "ws://h/#s3cr3t, fragment",
    "ws://h/#, fragment",
    "ws://h/?s3cr3t with a space, can't be parsed",
    "ws://h/%s3cr3t, can't be parsed",
    "ws://[h/?s3cr3t, can't be parsed",
  })
  void aBadUrl(String url, String message) {
    assertThatThrownBy(() -> chat().connectTo(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageContaining(message)
        .hasMessageNotContaining(SECRET)
        .hasNoCause();
    assertNothingIsRegistered();
  }

  // --------------------------------------------------------------------------------- the headers

  @ParameterizedTest
  @CsvSource({
    "Host, x",
    "upgrade, x",
    "CONNECTION, x",
    "Sec-WebSocket-Key, x",
    "Sec-WebSocket-Version, 13",
    "Sec-WebSocket-Protocol, x",
    "sec-websocket-extensions, x",
    "'', x",
    "a b, x",
    "a:, x",
    "ä, x",
    "'a\n', x",
    "(a), x",
    "Ok, 's3cr3t\r\nX: y'",
    "Ok, 's3cr3t\n'",
    "Ok, 's3cr3t\r'",
    "Ok, s3cr3t ä",
    "Ok, 's3cr3t\u0000'",
    "Ok, 's3cr3t\u007f'",
  })
  void aBadHeader(String name, String value) {
    assertThatThrownBy(() -> chat().header(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageNotContaining(SECRET);
    assertNothingIsRegistered();
  }

  @Test
  void goodHeadersAreTaken() {
    assertThatCode(
            () ->
                chat()
                    .header("Authorization", "Bearer a.b~c")
                    .header("Origin", "https://example.com")
                    .header("X-Tab", "a\tb")
                    .header("X-Empty", ""))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a,b", "ä", "a\n", "a/b", "a;b", "\"a\""})
  void aSubprotocolThatIsNoToken(String name) {
    assertThatThrownBy(() -> chat().subprotocols("good", name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: a subprotocol ");
    assertNothingIsRegistered();
  }

  /** RFC 6455, section 4.1: "MUST all be unique strings". */
  @Test
  void aSubprotocolTwice() {
    assertThatThrownBy(() -> chat().subprotocols("a", "b", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageContaining("twice");
  }

  // --------------------------------------------------------------------------------- the numbers

  private static Stream<Arguments> badNumbers() {
    Duration year = Duration.ofDays(366);
    return Stream.of(
            Map.<String, Consumer<WebSocketBuilder>>of(
                "connect 0", b -> b.connectTimeout(Duration.ZERO),
                "connect -1", b -> b.connectTimeout(Duration.ofNanos(-1)),
                "connect a year", b -> b.connectTimeout(year),
                "handshake 0", b -> b.handshakeTimeout(Duration.ZERO),
                "handshake -1", b -> b.handshakeTimeout(Duration.ofDays(-1)),
                "prepare 0", b -> b.prepare(Duration.ZERO, sender -> null),
                "beat 0", b -> b.pingInterval(Duration.ZERO),
                "answer 0", b -> b.pingTimeout(Duration.ZERO),
                "answer -1", b -> b.pingTimeout(Duration.ofMillis(-1)),
                "message 0", b -> b.maxMessageSize(0)),
            Map.<String, Consumer<WebSocketBuilder>>of(
                "message -1", b -> b.maxMessageSize(-1),
                "message 2 GiB", b -> b.maxMessageSize(Integer.MAX_VALUE)))
        .flatMap(map -> map.entrySet().stream())
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badNumbers")
  void aBadNumber(String what, Consumer<WebSocketBuilder> call) {
    assertThatThrownBy(() -> call.accept(chat()))
        .as(what)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageContaining(" must be ");
    assertNothingIsRegistered();
  }

  // ------------------------------------------------------------------------------------- the null

  private static Stream<Arguments> nulls() {
    Duration good = Duration.ofSeconds(1);
    return Stream.of(
            Map.<String, Consumer<WebSocketBuilder>>of(
                "url", b -> b.connectTo((String) null),
                "url supplier", b -> b.connectTo((Callable<URI>) null),
                "header name", b -> b.header(null, "x"),
                "header value", b -> b.header("x", null),
                "headers", b -> b.headers(null),
                "subprotocols", b -> b.subprotocols((String[]) null),
                "subprotocol", b -> b.subprotocols("a", null),
                "connect timeout", b -> b.connectTimeout(null),
                "handshake timeout", b -> b.handshakeTimeout(null),
                "beat", b -> b.pingInterval(null)),
            Map.<String, Consumer<WebSocketBuilder>>of(
                "answer", b -> b.pingTimeout(null),
                "text", b -> b.onText(null),
                "binary", b -> b.onBinary(null),
                "pong", b -> b.onPong(null),
                "open", b -> b.onOpen(null),
                "prepare timeout", b -> b.prepare(null, sender -> null),
                "prepare", b -> b.prepare(good, null),
                "listener", b -> b.onStateChange(null),
                "retry policy", b -> b.retryPolicy(null)))
        .flatMap(map -> map.entrySet().stream())
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nulls")
  void aNull(String what, Consumer<WebSocketBuilder> call) {
    assertThatThrownBy(() -> call.accept(chat())).as(what).isInstanceOf(NullPointerException.class);
    assertNothingIsRegistered();
  }

  @Test
  void aNullToTheConnection() {
    WebSocketConnection chat = registered();
    assertThatThrownBy(() -> chat.sendText(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> chat.sendBinary((ByteBuffer) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> chat.sendPing(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> chat.close(1000, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> registry.webSocket(null)).isInstanceOf(NullPointerException.class);
    assertThat(registry.connections()).containsExactly(chat);
  }

  // --------------------------------------------------------------------------------- closing

  @ParameterizedTest
  @ValueSource(
      ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536, Integer.MAX_VALUE})
  void aCloseCodeThatMayNotBeSent(int code) {
    WebSocketConnection chat = registered();

    assertThatThrownBy(() -> chat.close(code, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: the close code " + code);

    assertThat(registry.find("chat")).contains(chat); // it is not closed by that
  }

  @Test
  void aCloseReasonThatIsTooLong() {
    WebSocketConnection chat = registered();

    assertThatThrownBy(() -> chat.close(1000, "x".repeat(124)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chat: a close reason has at most 123 bytes in UTF-8, not 124");
    assertThatThrownBy(() -> chat.close(1000, "ü".repeat(62)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("124");

    assertThat(registry.find("chat")).contains(chat);
  }

  @Test
  void aPingThatIsTooLong() {
    WebSocketConnection chat = registered();

    assertThatThrownBy(() -> chat.sendPing(ByteBuffer.allocate(126)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chat: a ping has at most 125 bytes, not 126");
  }

  // ------------------------------------------------------------------------------ the registration

  @Test
  void noUrl() {
    assertThatThrownBy(() -> chat().register())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("chat: ")
        .hasMessageContaining("connectTo(url)");
    assertNothingIsRegistered();
  }

  @Test
  void aNameTwice() {
    WebSocketConnection chat = registered();

    assertThatThrownBy(this::registered)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chat: ");

    assertThat(registry.connections()).containsExactly(chat);
    chat.close();
    assertThat(registered()).isNotSameAs(chat); // the name is free again at once
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t", "a\nb", "a\rb"})
  void aBadName(String name) {
    assertThatThrownBy(() -> registry.webSocket(name)).isInstanceOf(IllegalArgumentException.class);
    assertNothingIsRegistered();
  }

  @Test
  void aClosedRegistry() {
    WebSocketBuilder early = chat().connectTo("ws://localhost/");
    registry.close();

    assertThatThrownBy(this::chat)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("chat: the registry is closed");
    assertThatThrownBy(early::register)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("chat: the registry is closed");
    assertNothingIsRegistered();
  }

  private void assertNothingIsRegistered() {
    assertThat(registry.connections()).isEmpty();
  }
}
