package io.dormouse.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.stream.BorrowedBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
  /** Its frame may be made after the callback that sends it has returned. */
  @Test
  void bytesThatAreLentToWhoSendsThemAreCopied() {
    ByteBuffer memory = ByteBuffer.allocateDirect(8).putLong(0, 42);
    List<Message> sent = new ArrayList<>();
    BorrowedBytes.lend(
        memory,
        lent -> {
          sent.add(Message.binary(lent));
          sent.add(Message.ping(lent));
        });
    memory.putLong(0, 7);
    assertThat(sent).allMatch(message -> message.payload().getLong(0) == 42);
  }
}
