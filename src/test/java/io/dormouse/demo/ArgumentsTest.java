package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dormouse.connection.ConnectionKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
  @Test
  void nothingGivenMeansServersOfItsOwn() {
    assertThat(Arguments.parse().targets()).isEmpty();
    assertThat(Arguments.parse().help()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "--http http://example.com, HTTP, example.com:80",
    "--http HTTPS://example.com/path?q=1, HTTP, example.com:443",
    "--http http://127.0.0.1:8080/, HTTP, 127.0.0.1:8080",
    "--tcp localhost:9000, TCP, localhost:9000",
    "--tcp [::1]:9000, TCP, [::1]:9000",
    "--tcp my_service:1, TCP, my_service:1",
    "--udp 10.0.0.1:65535, UDP, 10.0.0.1:65535",
    "--ws ws://example.com/chat, WEBSOCKET, example.com:80",
    "--ws wss://example.com/?token=secret, WEBSOCKET, example.com:443",
    "--ws ws://[::1]:9001/, WEBSOCKET, [::1]:9001",
  })
  void readsATarget(String line, ConnectionKind kind, String shown) {
    Arguments arguments = Arguments.parse(line.split(" ", -1));
    assertThat(arguments.targets()).containsOnlyKeys(kind);
    assertThat(arguments.targets().get(kind)).hasToString(shown);
  }

  @Test
  void takesEveryFlagInAnyOrder() {
    Arguments arguments =
        Arguments.parse("--ws", "ws://a/", "--udp", "b:1", "--tcp", "c:2", "--http", "http://d");
    assertThat(arguments.targets()).containsOnlyKeys(ConnectionKind.values());
  }

  @Test
  void helpIsAskedFor() {
    assertThat(Arguments.parse("--help").help()).isTrue();
    assertThat(Arguments.parse("--tcp", "a:1", "-h").help()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "--ftp ftp://example.com, unknown argument --ftp",
    "example.com:80, unknown argument example.com:80",
    "--tcp, --tcp lacks its value",
    "--tcp a:1 --tcp b:2, --tcp is there twice",
    "--tcp example.com, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--tcp :9000, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--tcp ::1:9000, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--tcp tcp://a:9000, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--udp a:0, '--udp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--udp a:-1, '--udp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--udp a:65536, '--udp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--udp a:99999999999, '--udp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--http example.com, --http takes a URL such as http://example.com/",
    "--http ws://a/, --http takes a URL such as http://example.com/",
    "--http http://, --http takes a URL such as http://example.com/",
    "--ws http://a/, --ws takes a URL such as ws://example.com/",
    "--ws ws://a:99999/, --ws takes a URL such as ws://example.com/",
  })
  void saysWhatIsWrong(String line, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Arguments.parse(line.split(" ", -1)))
        .withMessage(message);
  }
}
