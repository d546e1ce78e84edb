import APISimulator

_ = APIServer()
