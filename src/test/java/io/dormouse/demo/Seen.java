package io.dormouse.demo;

import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.lifecycle.AppState;
import io.dormouse.observe.RegistrySnapshot;
import java.util.List;

/** What is so at one moment, of connections that their registry may not know any more. */
record Seen(AppState appState, List<ConnectionSnapshot> connections, List<String> tasks)
    implements RegistrySnapshot {}
