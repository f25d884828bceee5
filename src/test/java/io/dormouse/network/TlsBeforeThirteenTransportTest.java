package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The same with TLS 1.2, where the end of one side is that of both. */
class TlsBeforeThirteenTransportTest extends TlsTransportTest {
  @Override
  String version() {
    return "TLSv1.2";
  }

  @Override
  void afterConnect(Behaviour behaviour) {}

  @Override
  @Test
  void afterThePeersEndOursStillGoes() throws IOException {
    connect(Behaviour.ENDS_ITS_SIDE_AFTER_WORDS);
    assertThat(read(WORDS.length() + 1)).isEqualTo(WORDS + "$");
    assertThatThrownBy(() -> write("no more"))
        .hasRootCauseMessage("the peer has ended its side of TLS, which is the end of ours");
  }
}
