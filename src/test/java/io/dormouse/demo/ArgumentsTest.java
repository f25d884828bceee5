package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
  @Test
  void nothingGivenMeansServersOfItsOwn() {
    assertThat(Arguments.parse().targets()).isEmpty();
    assertThat(Arguments.parse().help()).isFalse();
    assertThat(Arguments.parse().timeline()).isEqualTo(Path.of("target", "timeline.html"));
  }

  @ParameterizedTest
  @CsvSource({
    "--http http://example.com, API, example.com:80",
    "--http HTTPS://example.com/path?q=1, API, example.com:443",
    "--http http://127.0.0.1:8080/, API, 127.0.0.1:8080",
    "--tcp localhost:9000, TELEMETRY, localhost:9000",
    "--tcp [::1]:9000, TELEMETRY, [::1]:9000",
    "--tcp my_service:1, TELEMETRY, my_service:1",
    "--udp 10.0.0.1:65535, DISCOVERY, 10.0.0.1:65535",
    "--ws ws://example.com/chat, CHAT, example.com:80",
    "--ws wss://example.com/?token=secret, SECURE_WS, example.com:443",
    "--ws WSS://example.com, SECURE_WS, example.com:443",
    "--tcp tls://example.com:9000, SECURE_TCP, example.com:9000",
    "--tcp TLS://[::1]:9000, SECURE_TCP, [::1]:9000",
    "--ws ws://[::1]:9001/, CHAT, [::1]:9001",
  })
  void readsATarget(String line, Service service, String shown) {
    Arguments arguments = Arguments.parse(line.split(" ", -1));
    assertThat(arguments.targets()).containsOnlyKeys(service);
    assertThat(arguments.targets().get(service)).hasToString(shown);
  }

  @Test
  void takesEveryFlagInAnyOrder() {
    Arguments arguments =
        Arguments.parse(
            "--ws ws://a/ --udp b:1 --tcp c:2 --ws wss://e/ --http http://d --tcp tls://f:3"
                .split(" ", -1));
    assertThat(arguments.targets()).containsOnlyKeys(Service.values());
  }

  @Test
  void helpIsAskedFor() {
    assertThat(Arguments.parse("--help").help()).isTrue();
    assertThat(Arguments.parse("--tcp", "a:1", "-h").help()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.html", "some/where/b.SVG", "c.json"})
  void theTimelineMayGoElsewhere(String file) {
    assertThat(Arguments.parse("--tcp", "a:1", "--timeline", file).timeline())
        .isEqualTo(Path.of(file));
  }

  @ParameterizedTest
  @CsvSource({
    "--timeline, --timeline lacks its value",
    "--timeline a.html --timeline a.html, --timeline is there twice",
    "--timeline a.png, '--timeline takes a file whose name ends in .html, .svg or .json'",
    "--timeline .html, '--timeline takes a file whose name ends in .html, .svg or .json'",
    "--ftp ftp://example.com, unknown argument --ftp",
    "example.com:80, unknown argument example.com:80",
    "--tcp, --tcp lacks its value",
    "--tcp a:1 --tcp b:2, --tcp is there twice",
    "--tcp tls://a:1 --tcp tls://b:2, --tcp is there twice",
    "--ws wss://a --ws wss://b, --ws is there twice",
    "--tcp tls://, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--tcp tls://a, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--tcp tls://a:1/, '--tcp takes host and port, such as example.com:9000 or [::1]:9000'",
    "--udp tls://a:1, '--udp takes host and port, such as example.com:9000 or [::1]:9000'",
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
