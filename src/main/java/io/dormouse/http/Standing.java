package io.dormouse.http;

import io.dormouse.connection.Connection;
import java.io.IOException;

/** How the connection stands at the very moment of asking, for those who must know. Any thread. */
interface Standing extends Connection {
  /** Returns whether calls and sockets may be begun, as far as the app is concerned. */
  boolean mayBegin();

  /** Returns whether it is closed for good, so that waiting is no use. */
  boolean isGone();

  /** Returns why a call has to stop now, or had to a moment ago. */
  IOException refusal();
}
