package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692, section 7.1, answer by answer. */
class DeflateOfferTest {
  private static final String PMD = "permessage-deflate";

  private static final Compression ASKING =
      Compression.deflate().withoutServerTakeover().serverWindowBits(10);

  private static DeflateOffer.Agreement agreed(Compression wanted, String answer) {
    return new DeflateOffer(wanted).agreed(answer).orElseThrow();
  }

  @Test
  void theOfferSaysWhatIsWanted() {
    assertThat(new DeflateOffer(Compression.deflate()).header())
        .isEqualTo("permessage-deflate; client_max_window_bits");
    assertThat(new DeflateOffer(ASKING.withoutClientTakeover()).header())
        .isEqualTo(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                + " server_max_window_bits=10; client_max_window_bits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", " , "})
  void aServerMayDecline(String answer) {
    assertThat(new DeflateOffer(Compression.deflate()).agreed(answer)).isEmpty();
    assertThat(new DeflateOffer(ASKING).agreed(answer)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | true | true | 15",
        "; server_no_context_takeover | false | true | 15",
        "; client_no_context_takeover | true | false | 15",
        "; server_no_context_takeover; client_no_context_takeover | false | false | 15",
        "; server_max_window_bits=8 | true | true | 15",
        "; server_max_window_bits=15 | true | true | 15",
        "; client_max_window_bits=8 | true | true | 8",
        "; client_max_window_bits=9 | true | true | 9",
        "; client_max_window_bits=15 | true | true | 15",
        "; client_max_window_bits=\"12\" | true | true | 12",
        ";client_max_window_bits=10;server_no_context_takeover | false | true | 10",
        " ;  client_max_window_bits = 10 ; server_max_window_bits=\"9\" , | true | true | 10",
      })
  void whatAServerMayAnswer(String parameters, boolean server, boolean client, int bits) {
    assertThat(agreed(Compression.deflate(), PMD + parameters))
        .isEqualTo(new DeflateOffer.Agreement(server, client, bits));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "; server_no_context_takeover; server_max_window_bits=10 | true",
        "; server_max_window_bits=8; server_no_context_takeover | true",
        "; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover | false",
      })
  void whatAServerMayAnswerThatWasAskedForMore(String parameters, boolean clientTakeover) {
    assertThat(agreed(ASKING, PMD + parameters))
        .isEqualTo(new DeflateOffer.Agreement(false, clientTakeover, 15));
  }

  /** Section 7.1.1.2: what we have said we keep to, whether the server repeats it or not. */
  @Test
  void ourOwnWordHoldsWithoutTheServers() {
    assertThat(agreed(Compression.deflate().withoutClientTakeover(), PMD).clientTakeover())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-webkit-deflate-frame | was not offered",
        "permessage-deflate, x-foo | was not offered",
        "permessage-bzip2 | was not offered",
        "permessage-deflate, permessage-deflate | twice",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover | twice",
        "permessage-deflate; client_max_window_bits=9; client_max_window_bits=9 | twice",
        "permessage-deflate; foo | unknown",
        "permessage-deflate; foo=1 | unknown",
        "permessage-deflate; | unknown",
        "permessage-deflate; server_no_context_takeover=1 | has a value for server_no_context",
        "permessage-deflate; client_no_context_takeover=true | has a value for client_no_context",
        "permessage-deflate; client_no_context_takeover= | empty value",
        "permessage-deflate; client_max_window_bits | client_max_window_bits that is not from 8",
        "permessage-deflate; server_max_window_bits | server_max_window_bits that is not from 8",
        "permessage-deflate; server_max_window_bits= | empty value",
        "permessage-deflate; server_max_window_bits=7 | not from 8 to 15",
        "permessage-deflate; server_max_window_bits=16 | not from 8 to 15",
        "permessage-deflate; server_max_window_bits=08 | not from 8 to 15",
        "permessage-deflate; server_max_window_bits=+9 | not from 8 to 15",
        "permessage-deflate; server_max_window_bits=9.0 | not from 8 to 15",
        "permessage-deflate; client_max_window_bits=7 | not from 8 to 15",
        "permessage-deflate; client_max_window_bits=99999999999 | not from 8 to 15",
        "permessage-deflate; client_max_window_bits=\"\" | not from 8 to 15",
        "permessage-deflate; client_max_window_bits=\"10x | not from 8 to 15",
        "permessage-deflate; client_max_window_bits=x10\" | not from 8 to 15",
      })
  void whatAServerMustNotAnswer(String answer, String problem) {
    assertThatThrownBy(() -> new DeflateOffer(Compression.deflate()).agreed(answer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem)
        .hasMessageStartingWith("the server");
  }

  /** Section 7.1: a server that can't do what was asked for has to decline. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | lacks server_no_context_takeover",
        "; server_max_window_bits=10 | lacks server_no_context_takeover",
        "; server_no_context_takeover | a larger server_max_window_bits than was asked for, or none",
        "; server_no_context_takeover; server_max_window_bits=11 | a larger server_max_window_bits",
      })
  void whatAServerMustNotLeaveOut(String parameters, String problem) {
    assertThatThrownBy(() -> new DeflateOffer(ASKING).agreed(PMD + parameters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void nothingOfTheAnswerIsQuoted() {
    assertThatThrownBy(
            () -> new DeflateOffer(Compression.deflate()).agreed(PMD + "; secret=\"hunter2\""))
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("hunter2");
  }
}
